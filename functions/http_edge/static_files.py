"""The files of a page: read from one folder of the package, compressed once, and cached by browsers."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Request, Response

from ..contract.errors import NotFound

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
"""By the ending of its name; a file with another one is not served."""

_UNCHANGING = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"  # kept, and asked for again with its ETag
_COMPRESSED_FROM = 512  # bytes, below which compression gains nothing
_NOT_COMPRESSED = (".png",)
_PAGE = "index.html"


@dataclass(frozen=True)
class StaticFile:
    """One file: its bytes, and the same compressed."""

    name: str
    data: bytes

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[Path(self.name).suffix]

    @cached_property
    def tag(self) -> str:
        """Identifies the bytes."""
        return hashlib.sha256(self.data).hexdigest()[:24]

    @cached_property
    def compressed(self) -> bytes | None:
        """The bytes in gzip; None where that is no shorter."""
        if len(self.data) < _COMPRESSED_FROM or Path(self.name).suffix in _NOT_COMPRESSED:
            return None
        packed = gzip.compress(self.data, 9, mtime=0)
        return packed if len(packed) < len(self.data) else None


class StaticFiles:
    """Every file below one folder, by its path inside it. The folder is read once, on first use.

    A request's path is looked up among the names that were found, and never becomes a path of the disk.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Takes the folder, and what the addresses of its files begin with: ``/name/fingerprint/``."""
        self._folder = folder
        self._name = name

    @cached_property
    def files(self) -> Mapping[str, StaticFile]:
        """The files by name, such as ``views/make.js``."""
        paths = sorted(path for path in self._folder.rglob("*") if path.suffix in CONTENT_TYPES)
        names = {path.relative_to(self._folder).as_posix(): path for path in paths if path.is_file()}
        return {name: StaticFile(name, path.read_bytes()) for name, path in names.items()}

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the content of all files: part of their addresses, so that browsers may keep them."""
        digest = hashlib.sha256()
        for name, file in self.files.items():
            digest.update(f"{name}\0{file.tag}\n".encode())
        return digest.hexdigest()[:12]

    @cached_property
    def page(self) -> StaticFile:
        """The page ``index.html``, with the address below which its files are in place of ``{{files}}``."""
        text = self.files[_PAGE].data.decode()
        return StaticFile(_PAGE, text.replace("{{files}}", f"/{self._name}/{self.fingerprint}").encode())

    def answer(self, request: Request, name: str, fingerprint: str | None = None) -> Response:
        """Answers with a file. Raises NotFound.

        ``fingerprint`` is the one in the request's address. If it is ours, a browser may keep the file for
        ever; a page of another version gets the file as it is now.
        """
        file = self.files.get(name)
        if file is None:
            raise NotFound("The page has no such file.")
        return answer_file(request, file, is_unchanging=fingerprint == self.fingerprint)


def answer_file(request: Request, file: StaticFile, *, is_unchanging: bool = False) -> Response:
    """Answers with the file, in gzip where the browser takes it; 304 where the browser has it."""
    packed = file.compressed if request.accept_encodings["gzip"] else None
    response = Response(content_type=file.content_type)
    response.set_etag(f"{file.tag}-gzip" if packed is not None else file.tag)
    response.headers["Cache-Control"] = _UNCHANGING if is_unchanging else _ASK_EACH_TIME
    response.headers["Vary"] = "Accept-Encoding"
    if packed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(file.data if packed is None else packed)
    response.make_conditional(request)
    return response
