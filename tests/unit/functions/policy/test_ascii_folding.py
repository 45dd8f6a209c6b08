"""What ``fold`` does with ASCII in one step is what all of its steps do."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from functions.policy.folding import STEPS, fold


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_folded_as_by_every_step(text: str) -> None:
    assert fold(text) == reduce(lambda read, step: step(read), STEPS, text)


def test_every_sign_of_ascii_is_folded_as_by_every_step() -> None:
    signs = "".join(map(chr, range(128)))
    assert fold(signs) == reduce(lambda read, step: step(read), STEPS, signs)
