"""Pictures on their way between files and the API."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import Any

from functions.contract.request import EXTENSIONS

from .client import Plantain

INLINE_BYTES = 20_000_000  # more goes through an upload
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
}
FORMATS = {f".{extension}": name for name, extension in EXTENSIONS.items()} | {".jpeg": "jpeg"}


def image_input(plantain: Plantain, source: str) -> dict[str, Any]:
    """A ``gs://`` name, an upload's id or a local file, as a request takes it. Raises OSError."""
    if source.startswith("gs://"):
        return {"uri": source}
    if source.startswith("up_") and not Path(source).exists():
        return {"upload": source}
    data = Path(source).read_bytes()
    if len(data) <= INLINE_BYTES:
        return {"data": base64.b64encode(data).decode()}
    content_type = CONTENT_TYPES.get(Path(source).suffix.lower(), "application/octet-stream")
    return {"upload": plantain.upload(data, content_type)}


def save(plantain: Plantain, job: dict[str, Any], target: Path) -> list[Path]:
    """Saves the job's pictures: into the directory ``target``, or as that file with ``-2`` … beside it."""
    saved: list[Path] = []
    for n, image in enumerate(job["images"]):
        path = _path(job["id"], n, Path(image["uri"]).suffix, target)
        write(path, plantain.image(job["id"], n))
        saved.append(path)
    return saved


def write(path: Path, data: bytes) -> None:
    """The whole file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _path(job_id: str, n: int, suffix: str, target: Path) -> Path:
    if target.is_dir() or not target.suffix:
        return target / f"{job_id}-{n + 1}{suffix}"
    return target if n == 0 else target.with_stem(f"{target.stem}-{n + 1}")
