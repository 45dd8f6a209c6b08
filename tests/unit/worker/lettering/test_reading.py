from __future__ import annotations

import pytest

from tests.unit.worker.stages.making import noise
from worker.engines.protocol import Picture
from worker.lettering.reading import ReadLine, find_words, in_reading_order, read_asked


def line(text: str, left: float = 0.1, top: float = 0.1, height: float = 0.1) -> ReadLine:
    right, bottom = left + 0.3, top + height
    return ReadLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.99)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("OPEN", "OPEN"),
        ("Open", "OPEN"),
        ("Grand Opening", "GRAND OPEN ING"),
        ("Happy Birthday", "HappyBirthday"),
        ("I’m here", "I'm here"),
        ("Café", "Cafe\u0301"),
        ("5–7 pm", "5-7 pm"),
    ],
)
def test_case_spaces_and_typography_do_not_count(asked: str, shown: str) -> None:
    assert find_words(asked, [line(shown)]).is_right


@pytest.mark.parametrize(
    ("asked", "shown"), [("OPEN", "OPNE"), ("OPEN", "OPE"), ("Sale", "Sales"), ("1984", "1985")]
)
def test_one_letter_counts(asked: str, shown: str) -> None:
    reading = find_words(asked, [line(shown)])
    assert not reading.is_right
    assert reading.read == shown
    assert 0.5 < reading.similarity < 1


def test_nothing_like_it_is_nothing_read() -> None:
    reading = find_words("OPEN", [line("xyz"), line("17")])
    assert (reading.read, reading.similarity, reading.lines) == (None, 0.0, ())


def test_words_are_found_among_others_and_over_lines() -> None:
    lines = [line("the grand", top=0.1), line("opening is today", top=0.3)]
    reading = find_words("Grand Opening", lines)
    assert reading.is_right
    assert reading.lines == tuple(lines)
    assert find_words("OPEN", [line("WE ARE OPEN NOW")]).is_right
    assert not find_words("OPEN", [line("REOPENED")]).is_right


def test_rows_are_read_from_left_to_right() -> None:
    right, left, below = line("Birthday", 0.5, 0.11), line("Happy", 0.1, 0.12), line("Anna", 0.1, 0.4)
    assert [each.text for each in in_reading_order([below, right, left])] == ["Happy", "Birthday", "Anna"]


class Spelling:
    """A reader that reads letters of ASCII, and other words at each size of the picture."""

    name = "spelling"

    def __init__(self, *shown: str) -> None:
        self.shown = list(shown)
        self.sides: list[int] = []

    def can_read(self, text: str) -> bool:
        return text.isascii()

    def read(self, picture: Picture, side: int) -> tuple[ReadLine, ...]:
        del picture
        self.sides.append(side)
        return (line(self.shown[min(len(self.sides), len(self.shown)) - 1]),)


def test_a_picture_is_read_at_other_sizes_until_its_words_are_right() -> None:
    reader = Spelling("HEL LO yu", "HELLO you", "-")
    reading = read_asked(noise(600, 8), ["Hello you"], reader)["Hello you"]
    assert reading is not None and reading.is_right and reading.by == "spelling"
    assert len(reader.sides) == 2


def test_words_that_cannot_be_read_have_no_reading() -> None:
    reader = Spelling("Привет")
    assert read_asked(noise(8, 8), ["Привет"], reader) == {"Привет": None}
    assert not reader.sides
    assert read_asked(noise(8, 8), ["Hello"], None) == {"Hello": None}
