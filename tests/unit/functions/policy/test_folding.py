"""One spelling for what reads the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.policy.folding import STEPS, Step, fold, without_leet
from functions.policy.text_views import join_spelt_letters, view_of, views_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＰＡＲＩＳ", "paris"),
        ("𝒫𝒶𝓇𝒾𝓈", "paris"),
        ("Ⓟⓐⓡⓘⓢ", "paris"),
        ("🅿🅰🆁🅸🆂", "paris"),
        ("pa\u200bri\u00ads", "paris"),
        ("pa\ufe0fris\U000e0061", "paris"),
        ("pàŕïš", "paris"),
        ("p\u0336a\u0336r\u0336is", "paris"),
        ("раrіѕ", "paris"),
        ("ΡΑRΙS", "paris"),
        ("ꓑꓮꓣꓲꓢ", "paris"),
        ("ⲣⲁⲅⲓs", "paris"),
        ("ꮲꭺꭱꭵꮪ", "paris"),
        ("𐐽op ꜧer", "cop her"),
        ("१२ ١٢ ۱۲ １２", "12 12 12 12"),
        ("straße", "strasse"),
        ("أُحَمَّد", "احمد"),
        ("パリ", "ぱり"),
        ("ﾊﾟﾘ", "ぱり"),
    ],
)
def test_what_reads_the_same_is_spelt_the_same(written: str, read: str) -> None:
    assert fold(written) == read


def test_hindi_keeps_its_vowels_and_japanese_its_voicing() -> None:
    assert fold("हिन्दी") == "हिन्दी"
    assert fold("がく") != fold("かく")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("p4r1s", "paris"),
        ("$ex", "sex"),
        ("p@ris", "paris"),
        ("k!ll", "kill"),
        ("kill!", "kill!"),
        ("455", "455"),
        ("12yo", "12yo"),
        ("1080p", "1080p"),
    ],
)
def test_digits_and_signs_are_letters_inside_words_only(written: str, read: str) -> None:
    assert without_leet(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("p a r i s", "paris"),
        ("p.a.r.i.s", "paris"),
        ("r e d   b o a t", "red boat"),
        ("r-e-d b-o-a-t", "red boat"),
        ("東 京 都", "東京都"),
        ("a b", "a b"),
        ("I am a cat", "I am a cat"),
        ("p a r i s h@nd", "paris h@nd"),
        ("p!a!r!is", "p!a!r!is"),
        ("p a r i s_", "paris_"),
        ("r e d , b o a t", "red  ,  boat"),
    ],
)
def test_letters_that_are_spelt_out_are_words(written: str, read: str) -> None:
    assert join_spelt_letters(written) == read


def test_a_view_counts_how_often_a_letter_is_repeated() -> None:
    seen = views_of("boooks 11")[0]
    assert seen.letters == " boks 11 "
    assert seen.runs == (1, 1, 3, 1, 1, 1, 1, 1, 1)


def test_a_space_is_longer_where_more_than_a_space_or_a_hyphen_stands() -> None:
    assert [min(2, view_of(text).runs[2]) for text in ("a-b", "a  b", "a, b", "a\nb", "a (b)")] == [
        1,
        1,
        2,
        2,
        2,
    ]


def test_what_is_invisible_is_read_as_nothing_and_as_a_space() -> None:
    assert {seen.letters for seen in views_of("red\u200bboat")} == {" redboat ", " red boat "}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a!" * 500_000 + "ab", join_spelt_letters),
        ("1" + "a" * 1_000_000 + "@", without_leet),
        ("1" * 1_000_000 + "a" * 1_000_000 + "@", without_leet),
        ("a" + "\u0301\u0316" * 500_000, fold),
        ("a" + "\u0e48\u0e38" * 500_000, fold),
        ("a\u0301\u200b\u0316\u200b" * 250_000, fold),
    ],
)
def test_no_text_is_read_more_often_for_being_longer(text: str, read: Step) -> None:
    """Of any of these, what takes time with the square of its length would be read for hours."""
    assert read(text)


def test_marks_in_a_row_are_no_letters() -> None:
    assert fold("p" + "\u0e48" * 100 + "aris") == "p" + "\u0e48" * 30 + "aris"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_every_text_can_be_read(text: str) -> None:
    for seen in views_of(text):
        assert len(seen.letters) == len(seen.runs)
        assert seen.letters[0] == seen.letters[-1] == " "
    for step in (*STEPS, without_leet, join_spelt_letters):
        assert isinstance(step(text), str)
