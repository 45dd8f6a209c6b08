"""Pulls a model: resolves its revision, checks the room, downloads what is missing, checks and locks it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from functions.contract.document import now
from functions.contract.errors import InvalidRequest, ModelUnavailable
from functions.contract.timestamps import format_time
from local.model_store.file_download import OnBytes, bytes_on_disk, download_file
from local.model_store.hub_repository import HubRepository, read_pipeline, read_repository
from local.model_store.model_request import ModelRequest
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import LOCK_FILE, LockedFile, ModelLock, PulledModel, PulledModels

MARGIN = 1 << 30  # bytes that stay free on the disk: for logs, records and pictures

OnStart = Callable[[ModelLock, int], OnBytes]
"""Called before the first byte, with what will be pulled and the bytes that are here; returns what counts."""


def pull_model(wanted: ModelRequest, store: PulledModels, on_start: OnStart) -> PulledModel:
    """Returns the model on this machine, every file checked, after downloading what is missing.

    A pull that is broken off is continued by the next one, file by file and within a file. Another commit
    under the same name takes the place of the old one when it is whole.

    Raises:
        ModelUnavailable: the hub does not have it or does not give it, no family draws with it, it does not
            fit on the disk, or a file's hash is not the hub's.
    """
    here = store.find(wanted.name)
    if here and (here.lock.repository, here.lock.commit) == (wanted.repository, wanted.revision):
        return here
    found = read_repository(wanted.repository, wanted.revision)
    if here and (here.lock.repository, here.lock.commit) == (found.repository, found.commit):
        return here
    _refuse_other_repository(wanted, here)
    lock = _make_lock(wanted, found)
    unfinished = store.unfinished(wanted.name, found.commit)
    with _only_pull_of(unfinished):
        _remove_other_pulls(store, lock, unfinished)
        _check_room(lock, unfinished)
        _download_files(lock, unfinished, on_start(lock, _bytes_here(lock, unfinished)))
        return _move_into_place(unfinished, store.directory(wanted.name), lock)


@contextmanager
def _only_pull_of(unfinished: Path) -> Generator[None]:
    """Keeps a second pull of the same files out: two would write into one file."""
    unfinished.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(unfinished, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InvalidRequest("Another pull of this model is at work; wait until it has ended.") from None
    finally:
        os.close(descriptor)
        with suppress(OSError):  # it holds files, or it was moved
            unfinished.rmdir()


def _remove_other_pulls(store: PulledModels, lock: ModelLock, unfinished: Path) -> None:
    """Removes what broken pulls of other commits left: they are not resumed."""
    for folder in store.folders(lock.name):
        if folder not in (unfinished, store.directory(lock.name)):
            shutil.rmtree(folder)


def _refuse_other_repository(wanted: ModelRequest, here: PulledModel | None) -> None:
    if here is not None and here.lock.repository != wanted.repository:
        raise InvalidRequest(
            f"{wanted.name} is {here.lock.repository} on this machine: say another name with --name, or "
            f"remove that one with `plantain models rm {wanted.name}`."
        )


def _make_lock(wanted: ModelRequest, found: HubRepository) -> ModelLock:
    pipeline, files = read_pipeline(found)
    drawn = {model.pipeline for model in known_models().values()}
    if pipeline not in drawn:
        raise ModelUnavailable(
            f"{found.repository} is a {pipeline}; Plantain draws with {', '.join(sorted(drawn))}."
        )
    return ModelLock(
        name=wanted.name,
        repository=found.repository,
        revision=wanted.revision,
        commit=found.commit,
        pipeline=pipeline,
        pulled=format_time(now()),
        files=files,
    )


def _bytes_here(lock: ModelLock, unfinished: Path) -> int:
    return sum(min(bytes_on_disk(unfinished / name), file.size) for name, file in lock.files.items())


def _check_room(lock: ModelLock, unfinished: Path) -> None:
    """Raises ModelUnavailable if what is missing would not leave MARGIN bytes free."""
    place = next(path for path in unfinished.parents if path.exists())
    free, missing = shutil.disk_usage(place).free, lock.size - _bytes_here(lock, unfinished)
    if missing + MARGIN > free:
        raise ModelUnavailable(
            f"{lock.name} needs {missing / 1e9:.1f} GB more, and 1 GB should stay free; {free / 1e9:.1f} GB "
            f"are free for {place}. Make room, or name another folder with --data. Nothing was downloaded."
        )


def _download_files(lock: ModelLock, unfinished: Path, on_bytes: OnBytes) -> None:
    for name, file in sorted(lock.files.items(), key=_smallest_first):
        download_file(lock.repository, lock.commit, name, file, unfinished / name, on_bytes)


def _smallest_first(entry: tuple[str, LockedFile]) -> int:
    """Orders files so that a wrong token or a missing file shows before gigabytes have come."""
    return entry[1].size


def _move_into_place(unfinished: Path, directory: Path, lock: ModelLock) -> PulledModel:
    """Locks the whole model, and puts it in the place of an older one, if there is one."""
    (unfinished / LOCK_FILE).write_text(lock.model_dump_json(indent=2, exclude_none=True) + "\n", "utf-8")
    with tempfile.TemporaryDirectory(prefix=".old-", dir=directory.parent) as old:
        if directory.exists():
            directory.rename(Path(old) / directory.name)
        unfinished.rename(directory)
    return PulledModel(directory, lock)
