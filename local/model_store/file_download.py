"""Downloads one file of a repository: resumed where it was broken off, and checked against its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from functions.contract.errors import ModelUnavailable
from worker.known_models.hub_failures import hub_failures
from worker.known_models.pulled_models import LockedFile

OnBytes = Callable[[int], None]
"""Called with the number of bytes that are on the disk and were not before; negative where some were lost."""

_PART = ".part"
_CHUNK = 1 << 20


def part_of(target: Path) -> Path:
    """Returns where a file lies until it is whole."""
    return target.with_name(target.name + _PART)


def bytes_on_disk(target: Path) -> int:
    """Returns how much of a file is here already, whole or in part."""
    for path in (target, part_of(target)):
        if path.is_file():
            return path.stat().st_size
    return 0


def download_file(
    repository: str, commit: str, name: str, file: LockedFile, target: Path, on_bytes: OnBytes
) -> None:
    """Brings the file to ``target``, which appears whole and checked, or not at all.

    What a broken download left is continued. Raises ModelUnavailable, also for bytes whose hash is not the
    hub's; those are removed.
    """
    if target.is_file():
        return
    part = part_of(target)
    part.parent.mkdir(parents=True, exist_ok=True)
    if part.is_file() and part.stat().st_size > file.size:
        on_bytes(-part.stat().st_size)
        part.unlink()
    _append_rest(repository, commit, name, file, part, on_bytes)
    _check_hash(repository, name, file, part)
    part.rename(target)


def _append_rest(
    repository: str, commit: str, name: str, file: LockedFile, part: Path, on_bytes: OnBytes
) -> None:
    """Appends what is missing, by the client's own loop, which asks again after a lost connection."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    def make_bar(**_about: object) -> _ByteCounter:
        return _ByteCounter(on_bytes)

    with hub_failures(repository, commit), part.open("ab") as appended:
        http_get(
            hf_hub_url(repository, name, revision=commit),
            appended,
            resume_size=appended.tell(),
            headers=build_hf_headers(),
            expected_size=file.size,
            displayed_filename=name,
            tqdm_class=make_bar,  # pyright: ignore[reportArgumentType] - it takes any factory
        )


class _ByteCounter:
    """Stands in for the client's progress bar."""

    def __init__(self, on_bytes: OnBytes) -> None:
        self.update = on_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        pass


def _check_hash(repository: str, name: str, file: LockedFile, part: Path) -> None:
    algorithm, expected = ("sha256", file.sha256) if file.sha256 else ("git-sha1", file.git_sha1)
    if _hash_of(part, algorithm) == expected:
        return
    part.unlink()
    raise ModelUnavailable(
        f"{name} of {repository} is not the file that the hub describes: its {algorithm} differs. It was "
        "removed. Pull again; if it happens again, do not use this source."
    )


def _hash_of(path: Path, algorithm: str) -> str:
    """Returns the SHA-256 of the bytes, or git's SHA-1, which counts the size as well."""
    known = hashlib.sha256()
    if algorithm == "git-sha1":
        known = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            known.update(chunk)
    return known.hexdigest()
