"""Files that are sent in pieces, to so many readers at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.api.downloads import DownloadPlaces
from functions.contract.errors import BodiesBusy, NotFound


def pieces(*texts: bytes) -> Iterator[bytes]:
    yield from texts


def test_a_place_is_free_again_once_the_last_piece_was_read_or_the_reader_left() -> None:
    places = DownloadPlaces(1, patience=0)
    read = places.send_pieces(pieces(b"a", b"b"), size=2)
    assert read.headers["Content-Length"] == "2"
    with pytest.raises(BodiesBusy):
        places.send_pieces(pieces(b"c"))
    assert b"".join(read.iter_encoded()) == b"ab"
    left = places.send_pieces(pieces(b"c", b"d"))
    left.close()
    left.close()
    assert places.send_pieces(pieces(b"e")).headers["Content-Disposition"] == "attachment"
    with pytest.raises(BodiesBusy):
        places.send_pieces(pieces(b"f"))


def test_an_error_of_the_first_piece_is_raised_and_gives_the_place_back() -> None:
    def broken() -> Iterator[bytes]:
        raise NotFound("There is no such file.")
        yield b""

    places = DownloadPlaces(1, patience=0)
    for _ in range(2):
        with pytest.raises(NotFound):
            places.send_pieces(broken())


def test_a_later_error_breaks_the_answer_and_gives_the_place_back() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise NotFound("The picture is gone.")

    places = DownloadPlaces(1, patience=0)
    sent = places.send_pieces(broken())
    with pytest.raises(NotFound):
        list(sent.iter_encoded())
    assert places.send_pieces(pieces(b"b")).status_code == 200
