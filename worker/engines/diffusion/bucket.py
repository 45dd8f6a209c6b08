"""Models from Cloud Storage: the objects below a prefix, copied to a directory in one consistent state."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from functions.contract.errors import ModelUnavailable
from functions.contract.storage.storage_client import authorized_session
from worker.cold_start.bucket_failures import bucket_failures
from worker.cold_start.model_download import ModelDownload
from worker.cold_start.object_ranges import RemoteFile
from worker.engines.diffusion.room import check_room

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession
    from google.cloud.storage import Blob

_SMALL_BYTES = 1 << 20  # of files that come first: what the model is, and its tokenizers


def download_prefix(source: str, cache: Path) -> tuple[ModelDownload, str]:
    """Returns the objects below ``gs://bucket/prefix`` on their way into a directory, and their revision.

    The revision is a hash of every object's name and generation. A file appears when its size and CRC-32C are
    the object's; one that is in the cache already is used as it is, so that only the listing is asked for
    again. Raises ModelUnavailable.
    """
    bucket, _, prefix = source.removeprefix("gs://").strip("/").partition("/")
    with bucket_failures(source):
        session = authorized_session()
        blobs = _list_objects(session, bucket, f"{prefix}/" if prefix else "")
    names = {_relative_path(blob, prefix): blob for blob in blobs}
    revision = _revision_of(names)
    directory = cache / bucket / revision
    files = [
        RemoteFile(str(blob.media_link), blob.size or 0, str(blob.crc32c), directory / path)
        for path, blob in sorted(names.items(), key=_order)
    ]
    download = ModelDownload(
        source, session, directory, files, lambda missing: check_room(source, missing, directory)
    )
    download.start()
    return download, revision


def _list_objects(session: AuthorizedSession, bucket: str, prefix: str) -> list[Blob]:
    """Returns the prefix's objects, without the folder markers that consoles make."""
    from google.cloud.storage import Client

    client = Client(credentials=session.credentials, _http=session)
    found = [blob for blob in client.list_blobs(bucket, prefix=prefix) if not str(blob.name).endswith("/")]
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


def _order(named: tuple[PurePosixPath, Blob]) -> tuple[bool, PurePosixPath]:
    """Puts small files first. Weights come in the order of a model_index.json, which they are loaded in."""
    path, blob = named
    return (blob.size or 0) > _SMALL_BYTES, path
