"""Finds the job that an equal request began before, so that a repeat costs no second picture.

Each request leaves an empty object beside those of equal requests of its owner, whose metadata says who
serves it: `held` by a process, `lost` when its caller left without the answer, or `answered`. A new request
takes over a place whose process has ended; it opens a place of its own otherwise.

The first of equal requests opens the place `first`: one storage operation. A later one finds it taken
and lists the others. `first` is renewed and never removed: it is there whenever there are others.

| what a request finds                                        | what it gets                           |
|-------------------------------------------------------------|----------------------------------------|
| a place that is lost, or held by a process that has ended    | that job                               |
| it says that it is a repeat, or it names a seed              | the job of any place of the last minutes |
| only places whose callers still wait, or were answered       | a job of its own                       |
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from ..contract import paths
from ..contract.document import now
from ..contract.errors import NotFound, Overtaken, Transient
from ..contract.storage.bucket import NEW, Bucket, ObjectInfo
from ..contract.timestamps import parse_time
from .process_heartbeat import HEARTBEAT, PROCESS, is_process_alive

WINDOW = timedelta(minutes=15)  # longer than a client's 600 seconds and the pause before it asks again
_MOST = 200  # places of equal requests that are looked at
_FIRST = "first"
_HOLDER, _STATE, _BEGUN, _TOKEN = "holder", "state", "begun", "token"
_HELD, _LOST, _ANSWERED = "held", "lost", "answered"


@dataclass(frozen=True)
class RequestPlace:
    """A request's place among equal ones. Requests with the same ``token`` are one job."""

    objects: Bucket
    name: str
    token: str
    is_new: bool  # False: of a request before, so that its job may exist

    @property
    def key(self) -> str:
        return f"repeat:{self.name}:{self.token}"

    @classmethod
    def of(cls, objects: Bucket, found: ObjectInfo) -> RequestPlace:
        """Returns the place that a listing shows."""
        return cls(objects, found.name, found.metadata.get(_TOKEN, ""), is_new=False)

    def close(self, *, is_answered: bool) -> None:
        """Notes how the request ended. A place that was not answered is open to a repeat."""
        HEARTBEAT.release(self.key)
        with suppress(NotFound, Transient):  # else its holder counts as ended with this process
            self.objects.set_metadata(self.name, {_STATE: _ANSWERED if is_answered else _LOST})

    def give_up(self) -> None:
        """Removes the place, unless another request has replaced it. Raises Transient."""
        HEARTBEAT.release(self.key)
        with suppress(NotFound):
            found = self.objects.stat(self.name)
            if found.metadata.get(_TOKEN) == self.token:
                self.objects.delete(self.name, found.generation)


def take_place(
    objects: Bucket,
    owner: str,
    request_sha256: str,
    *,
    is_repeat: bool,
    has_seed: bool,
    is_abandoned: Callable[[], bool],
) -> RequestPlace:
    """Returns the place of an earlier equal request, or a new one. It has to be closed.

    ``has_seed``: the request draws the same picture each time, so that an equal one may share its job.
    ``is_abandoned`` tells whether the caller has closed its connection. Raises Transient.
    """
    prefix = paths.equal_requests_prefix(owner, request_sha256)
    first = prefix + _FIRST
    with suppress(Overtaken):
        return _open_place(objects, first, is_abandoned)
    fresh, stale_first = _fresh_places(objects, prefix)
    for found in _takeable(objects, fresh, share=is_repeat or has_seed):
        with suppress(NotFound, Overtaken):  # another repeat took it just now
            place = RequestPlace.of(objects, found)
            HEARTBEAT.hold(objects, place.key, is_abandoned)
            try:
                objects.set_metadata(found.name, {_HOLDER: PROCESS, _STATE: _HELD}, seen=found)
            except (NotFound, Overtaken):
                HEARTBEAT.release(place.key)
                raise
            return place
    if stale_first is not None:
        with suppress(Overtaken):
            return _open_place(objects, first, is_abandoned, stale_first.generation)
    return _open_place(objects, prefix + secrets.token_hex(8), is_abandoned)


def _fresh_places(objects: Bucket, prefix: str) -> tuple[list[ObjectInfo], ObjectInfo | None]:
    """Returns the places of the last minutes, and `first` if it is older. Removes other older ones."""
    fresh: list[ObjectInfo] = []
    stale_first: ObjectInfo | None = None
    for found in objects.list(prefix, limit=_MOST):
        begun = parse_time(found.metadata.get(_BEGUN, "")) or found.created
        if now() - begun < WINDOW:
            fresh.append(found)
        elif found.name == prefix + _FIRST:
            stale_first = found
        else:
            objects.delete(found.name, found.generation)
    return fresh, stale_first


def _takeable(objects: Bucket, places: list[ObjectInfo], *, share: bool) -> Iterator[ObjectInfo]:
    """Yields the places that a request may take, the ones without a caller first."""
    lost = [found for found in places if found.metadata.get(_STATE) == _LOST]
    yield from lost
    held = [found for found in places if found.metadata.get(_STATE) == _HELD]
    if share:
        yield from held
        yield from (found for found in places if found.metadata.get(_STATE) == _ANSWERED)
        return
    own = [found for found in held if found.metadata.get(_HOLDER) == PROCESS]
    yield from (found for found in own if not HEARTBEAT.serves(RequestPlace.of(objects, found).key))
    alive: dict[str, bool] = {PROCESS: True}
    for found in held:
        holder = found.metadata.get(_HOLDER, "")
        if holder not in alive:
            alive[holder] = is_process_alive(objects, holder)
        if not alive[holder]:
            yield found


def _open_place(
    objects: Bucket, name: str, is_abandoned: Callable[[], bool], replaced: int = NEW
) -> RequestPlace:
    """Returns a new place, which replaces the generation ``replaced`` of its object. Raises Overtaken."""
    place = RequestPlace(objects, name, secrets.token_hex(8), is_new=True)
    HEARTBEAT.hold(objects, place.key, is_abandoned)
    facts = {_HOLDER: PROCESS, _STATE: _HELD, _BEGUN: now().isoformat(), _TOKEN: place.token}
    try:
        objects.put(name, b"", "text/plain", if_generation=replaced, metadata=facts)
    except BaseException:
        HEARTBEAT.release(place.key)
        raise
    return place
