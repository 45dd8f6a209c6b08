"""Files that are sent piece by piece, so many at once that their pieces fit the memory.

A slow reader holds its place as long as it reads; places are apart from the budget of bodies, so that readers
keep no request from being taken in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import BoundedSemaphore

from flask import Response

from ..contract.errors import BodiesBusy

PIECE = 3 * 2**18  # bytes: a multiple of three, so that base64 of the pieces is base64 of the whole
AT_ONCE = 24  # of about 4 MB each: a piece, its base64, and what the server sends of them
_PATIENCE = 30.0  # seconds that a reader waits for a place
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_FILE = "application/octet-stream"


class DownloadPlaces:
    """The places of all readers of this process."""

    def __init__(self, at_once: int, patience: float = _PATIENCE) -> None:
        self._free = BoundedSemaphore(at_once)
        self._patience = patience

    def send_pieces(
        self,
        pieces: Iterator[bytes],
        headers: Mapping[str, str] | None = None,
        *,
        size: int | None = None,
        mimetype: str = _FILE,
    ) -> Response:
        """Returns the response: a file that a browser saves and never shows, unless ``mimetype`` is another.

        Without ``size`` it is sent chunked. The first piece is read before the answer begins: its error is an
        ordinary one. A later error breaks the connection, which the client notices. Raises BodiesBusy when no
        place becomes free.
        """
        if not self._free.acquire(timeout=self._patience):
            raise BodiesBusy("Other files are being sent at present: ask again.")
        try:
            first = next(pieces, b"")
        except BaseException:
            self._free.release()
            raise
        place = _Place(self._free)
        response = Response(_through(first, pieces, place), mimetype=mimetype)
        response.headers.update({**_HEADERS, **(headers or {})})
        if mimetype == _FILE:
            response.headers["Content-Disposition"] = "attachment"
        if size is not None:
            response.headers["Content-Length"] = str(size)
        response.call_on_close(place.give_back)  # also where no piece was ever asked for
        return response


def _through(first: bytes, pieces: Iterator[bytes], place: _Place) -> Iterator[bytes]:
    try:
        yield first
        yield from pieces
    finally:
        place.give_back()


class _Place:
    """A reader's place."""

    def __init__(self, free: BoundedSemaphore) -> None:
        self._held: BoundedSemaphore | None = free

    def give_back(self) -> None:
        """Lets another reader begin. A second call has no effect."""
        held, self._held = self._held, None
        if held is not None:
            held.release()


DOWNLOADS = DownloadPlaces(AT_ONCE)
