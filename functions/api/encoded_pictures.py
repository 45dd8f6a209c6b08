"""The pictures of finished jobs in base64: as text, or as marks that are replaced as an answer is sent."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator

from ..contract.manifest import ImageFacts
from ..services import Services
from ..waiting.finished_job import FinishedJob
from .downloads import PIECE

PictureEncoder = Callable[[Services, FinishedJob, int], str]
"""Writes picture ``n`` of a job as base64, or as what stands for it."""


def encoded_picture(services: Services, finished: FinishedJob, n: int) -> str:
    """Returns the file of picture ``n`` in base64. Raises ExpiredResult."""
    return base64.b64encode(finished.read_picture(services, n)).decode()


class _Marks:
    """Marks that stand in a text where pictures belong. They cannot be guessed, and JSON escapes none."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(16)
        self._mark = re.compile(rf"{self._nonce}\.([0-9]+)\.")

    def _new_mark(self, number: int) -> str:
        return f"{self._nonce}.{number}."


class SplicedPictures(_Marks):
    """Pictures in base64 that are put into the text of an answer as they are.

    Encoding JSON looks at each character of a text, for some to be escaped: of a picture there are a million,
    and none is.
    """

    def __init__(self) -> None:
        super().__init__()
        self._encoded: list[bytes] = []

    def __call__(self, services: Services, finished: FinishedJob, n: int) -> str:
        """Reads picture ``n`` and returns its mark. This is a ``PictureEncoder``. Raises ExpiredResult."""
        self._encoded.append(base64.b64encode(finished.read_picture(services, n)))
        return self._new_mark(len(self._encoded) - 1)

    def chunks(self, text: str) -> list[bytes]:
        """Returns an ASCII text with its pictures, in pieces."""
        parts = self._mark.split(text)  # by turns what is between marks, and the number in a mark
        return [self._encoded[int(part)] if n % 2 else part.encode() for n, part in enumerate(parts)]


class PictureMarks(_Marks):
    """Pictures that are read while a text is written, so that the text is never in memory with them."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: list[ImageFacts] = []

    def __call__(self, services: Services, finished: FinishedJob, n: int) -> str:
        """Returns the mark of picture ``n``. This is a ``PictureEncoder``."""
        del services
        self._pictures.append(finished.pictures[n])
        return self._new_mark(len(self._pictures) - 1)

    def length(self, text: str) -> int:
        """Returns how many bytes an ASCII text will have with its pictures."""
        found = [self._pictures[int(mark[1])].bytes for mark in self._mark.finditer(text)]
        return len(self._mark.sub("", text)) + sum(4 * ((size + 2) // 3) for size in found)

    def write(self, services: Services, text: str, piece: int = PIECE) -> Iterator[bytes]:
        """Yields an ASCII text with its pictures, which are read in pieces of ``piece`` bytes: a multiple of
        three. Raises NotFound for a picture that is gone, and Transient, in the middle of the text.
        """
        start = 0
        for mark in self._mark.finditer(text):
            yield text[start : mark.start()].encode()
            picture = self._pictures[int(mark[1])]
            for data in services.results.read_pieces(picture.name, None, picture.bytes, piece):
                yield base64.b64encode(data)
            start = mark.end()
        yield text[start:].encode()
