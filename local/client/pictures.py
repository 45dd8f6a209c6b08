"""Pictures on their way between files and the API."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Any

from functions.contract.errors import InvalidRequest
from functions.contract.formats import EXTENSIONS
from local.client.api_client import PlantainClient

INLINE_BYTES = 20_000_000  # larger pictures are sent as an upload
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
    ".mp4": "video/mp4",
}
FORMATS = {f".{extension}": name for name, extension in EXTENSIONS.items()} | {".jpeg": "jpeg"}


def image_input(plantain: PlantainClient, source: str) -> dict[str, Any]:
    """Returns a ``gs://`` name, an upload's id or a local file as a request takes it. Raises OSError."""
    if source.startswith("gs://"):
        return {"uri": source}
    if source.startswith("up_") and not Path(source).exists():
        return {"upload": source}
    data = Path(source).read_bytes()
    if len(data) <= INLINE_BYTES:
        return {"data": base64.b64encode(data).decode()}
    content_type = CONTENT_TYPES.get(Path(source).suffix.lower(), "application/octet-stream")
    return {"upload": plantain.upload(data, content_type)}


def output_format(target: Path, format: str | None) -> str | None:
    """Returns the format that files at ``target`` will have: None leaves it to the service.

    ``target`` is a folder, or a file name with the extension of its format. Everything that would prevent
    saving the pictures is found here, before they are drawn.

    Raises InvalidRequest for a folder that is missing or not writable, and a name that says another format.
    """
    folder = target if target.is_dir() else target.parent
    if not folder.is_dir():
        raise InvalidRequest(f"There is no folder {folder}: make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InvalidRequest(f"The folder {folder} is not writable.")
    if target.is_dir():
        return format
    named = FORMATS.get(target.suffix.lower())
    if named is None:
        raise InvalidRequest(
            f"{target} is neither a folder that is there nor a file's name in {', '.join(FORMATS)}."
        )
    if format is not None and format.lower() != named:
        raise InvalidRequest(f"{target.name} is the name of a {named} file, and --format says {format}.")
    return named


def save_pictures(plantain: PlantainClient, job: dict[str, Any], target: Path) -> list[Path]:
    """Saves the job's pictures: into the folder ``target``, or as that file.

    Several are numbered as the API numbers them, from 0: ``boat-0.png``, ``boat-1.png``. Raises OSError, and
    InvalidRequest for a name that says another format than the pictures have.
    """
    saved: list[Path] = []
    for n, image in enumerate(_without_poster(job["images"])):
        path = _picture_path(job, n, Path(image["uri"]).suffix, target)
        write_whole_file(path, plantain.image(job["id"], n))
        saved.append(path)
    return saved


def _without_poster(images: list[Any]) -> list[Any]:
    """Returns the pictures of a job, or its clip alone: results of two kinds are a clip and its poster."""
    kinds = {Path(image["uri"]).suffix for image in images}
    return images[:1] if len(kinds) > 1 else images


def write_whole_file(path: Path, data: bytes) -> None:
    """Writes the whole file or none of it."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _picture_path(job: dict[str, Any], n: int, suffix: str, target: Path) -> Path:
    if target.is_dir():
        return target / f"{job['id']}-{n}{suffix}"
    if FORMATS.get(target.suffix.lower()) != FORMATS.get(suffix):
        raise InvalidRequest(f"The pictures are {suffix} files, and {target.name} names another kind.")
    is_alone = len(_without_poster(job["images"])) == 1
    return target if is_alone else target.with_stem(f"{target.stem}-{n}")
