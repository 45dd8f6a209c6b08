"""Many terms in one pass, and how terms are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.policy.automaton import Automaton
from functions.policy.terms import patterns_of

FEW_LETTERS = st.text("abc", max_size=40)


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8, unique=True), FEW_LETTERS)
def test_it_finds_what_looking_everywhere_finds(terms: list[str], text: str) -> None:
    found = sorted(Automaton(terms).find(text))
    everywhere = [
        (n, at) for n, term in enumerate(terms) for at in range(len(text)) if text.startswith(term, at)
    ]
    assert found == sorted(everywhere)


def letters(term: str, language: str = "en") -> list[str]:
    return [pattern.letters for pattern in patterns_of(term, language)]


def test_a_term_stands_between_spaces() -> None:
    assert letters("Red Boat") == [" red boat "]


def test_a_stem_is_open_at_its_end() -> None:
    assert letters("boat*") == [" boat"]


def test_groups_are_alternatives_inside_each_other_too() -> None:
    assert letters("(a|the (red|)) boat") == [" a boat ", " the red boat ", " a boat ", " the boat "]


def test_an_age_is_any_of_a_minor() -> None:
    found = letters("{age} years old")
    assert " 17 years oid " in found
    assert " seventen years oid " in found
    assert " 18 years oid " not in found


def test_ideographs_have_no_spaces_around_them() -> None:
    assert letters("東京", "zh") == ["東京"]
    assert letters("Tokyo", "ja") == [" tokyo "]


@pytest.mark.parametrize("term", ["bo*at", "boat)", "(boat", "{years}", "*", ""])
def test_a_term_that_is_not_well_written_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="term"):
        letters(term)
