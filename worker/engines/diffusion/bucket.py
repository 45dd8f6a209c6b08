"""Models from Cloud Storage: the objects below a prefix, copied to a directory in one consistent state."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.room import check_room

if TYPE_CHECKING:
    from google.cloud.storage import Blob

_DOWNLOADS_AT_ONCE = 4
_CHUNK_BYTES = 1 << 20


def download_prefix(source: str, cache: Path) -> tuple[Path, str]:
    """Returns a directory with the objects below ``gs://bucket/prefix``, and their revision.

    The revision is a hash of every object's name and generation. The directory appears whole or not at
    all, each file checked by its CRC-32C; one that is already in the cache is used as it is, so that
    only the listing is asked for again. Raises ModelUnavailable, also for what does not fit.
    """
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption
    from requests.exceptions import RequestException

    bucket, _, prefix = source.removeprefix("gs://").strip("/").partition("/")
    try:
        blobs = _list_objects(bucket, f"{prefix}/" if prefix else "")
        names = {_relative_path(blob, prefix): blob for blob in blobs}
        revision = _revision_of(names)
        directory = cache / bucket / revision
        if not directory.is_dir():
            check_room(source, sum(blob.size or 0 for blob in blobs), directory)
            _copy_objects(names, directory)
    except (GoogleAPICallError, GoogleAuthError, DataCorruption, RequestException, OSError) as error:
        raise ModelUnavailable(
            f"{source} cannot be downloaded ({type(error).__name__}). Check the name, the network, and that "
            "the worker's service account may list and read the bucket's objects."
        ) from None
    return directory, revision


def _list_objects(bucket: str, prefix: str) -> list[Blob]:
    """Returns the prefix's objects, without the folder markers that consoles make."""
    from google.cloud.storage import Client

    found = [blob for blob in Client().list_blobs(bucket, prefix=prefix) if not str(blob.name).endswith("/")]
    if not found:
        raise ModelUnavailable(
            f"There are no objects below gs://{bucket}/{prefix}; check the model's prefix."
        )
    return found


def _relative_path(blob: Blob, prefix: str) -> PurePosixPath:
    """Returns an object's path below the prefix. Raises ModelUnavailable for a name that would leave it."""
    path = PurePosixPath(str(blob.name).removeprefix(f"{prefix}/" if prefix else ""))
    if path.is_absolute() or ".." in path.parts:
        raise ModelUnavailable(f"The object name {blob.name} is not one that a model directory can hold.")
    return path


def _revision_of(files: Mapping[PurePosixPath, Blob]) -> str:
    known = hashlib.sha256()
    for path, blob in sorted(files.items()):
        known.update(f"{path}\n{blob.generation}\n".encode())
    return known.hexdigest()[:16]


def _copy_objects(files: Mapping[PurePosixPath, Blob], directory: Path) -> None:
    """Fills a temporary directory, then renames it, so that half a model is never seen."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=directory.parent) as unfinished:
        whole = Path(unfinished) / "model"
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            targets = [whole / path for path in files]
            list(pool.map(_download_object, files.values(), targets))
        _move_into_place(whole, directory)


def _move_into_place(whole: Path, directory: Path) -> None:
    try:
        whole.rename(directory)
    except OSError:
        # Another worker on this machine was first: its copy has the same generations.
        if not directory.is_dir():
            raise


def _download_object(blob: Blob, path: Path) -> None:
    """Downloads one object, at the generation that was listed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blob.download_to_filename(str(path), if_generation_match=blob.generation)
    # The client checks the hash that came with the bytes; the revision stands for the listing's hash.
    if _crc32c_of(path) != blob.crc32c:
        raise ModelUnavailable(f"{blob.name} arrived damaged: its CRC-32C is not the object's. Start again.")


def _crc32c_of(path: Path) -> str:
    """Returns the file's CRC-32C as Cloud Storage writes it: big-endian, in base64."""
    import google_crc32c

    known = google_crc32c.Checksum()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            known.update(chunk)
    return base64.b64encode(known.digest()).decode()
