"""Finds the job that an equal request began before, so that a repeat costs no second picture.

Each request leaves an empty object beside those of equal requests of its owner, whose metadata says who
serves it: `held` by a process, `lost` when its caller left without the answer, or `answered`. A new request
takes over a place that nobody serves; it opens a place of its own otherwise.

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
_HOLDER, _STATE, _BEGUN = "holder", "state", "begun"
_HELD, _LOST, _ANSWERED = "held", "lost", "answered"


@dataclass(frozen=True)
class RequestPlace:
    """A request's place among equal ones. Requests with the same ``key`` are one job."""

    objects: Bucket
    name: str

    @property
    def key(self) -> str:
        return f"repeat:{self.name}"

    def close(self, *, is_answered: bool) -> None:
        """Notes how the request ended. A place that was not answered is open to a repeat."""
        HEARTBEAT.release(self.name)
        with suppress(NotFound, Transient):  # else its holder counts as ended with this process
            self.objects.set_metadata(self.name, {_STATE: _ANSWERED if is_answered else _LOST})


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
    fresh = list(_fresh_places(objects, prefix))
    for found in _takeable(objects, fresh, share=is_repeat or has_seed):
        with suppress(NotFound, Overtaken):  # another repeat took it just now
            HEARTBEAT.hold(objects, found.name, is_abandoned)
            try:
                objects.set_metadata(found.name, {_HOLDER: PROCESS, _STATE: _HELD}, seen=found)
            except (NotFound, Overtaken):
                HEARTBEAT.release(found.name)
                raise
            return RequestPlace(objects, found.name)
    return _open_place(objects, prefix, is_abandoned)


def _fresh_places(objects: Bucket, prefix: str) -> Iterator[ObjectInfo]:
    """Yields the places of the last minutes, and removes older ones."""
    for found in objects.list(prefix, limit=_MOST):
        begun = parse_time(found.metadata.get(_BEGUN, "")) or found.created
        if now() - begun < WINDOW:
            yield found
        else:
            objects.delete(found.name, found.generation)


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
    yield from (found for found in own if not HEARTBEAT.serves(found.name))
    alive: dict[str, bool] = {PROCESS: True}
    for found in held:
        holder = found.metadata.get(_HOLDER, "")
        if holder not in alive:
            alive[holder] = is_process_alive(objects, holder)
        if not alive[holder]:
            yield found


def _open_place(objects: Bucket, prefix: str, is_abandoned: Callable[[], bool]) -> RequestPlace:
    name = f"{prefix}{secrets.token_hex(8)}"
    HEARTBEAT.hold(objects, name, is_abandoned)
    facts = {_HOLDER: PROCESS, _STATE: _HELD, _BEGUN: now().isoformat()}
    try:
        objects.put(name, b"", "text/plain", if_generation=NEW, metadata=facts)
    except BaseException:
        HEARTBEAT.release(name)
        raise
    return RequestPlace(objects, name)
