"""What may be asked for."""

from __future__ import annotations

import pytest

from functions.policy import policy, screen


@pytest.mark.parametrize(
    "prompt",
    [
        "a red boat on the sea at night",
        "a child flying a kite",
        "children in the snow, a family picnic",
        "a nude by Rodin, marble",
        "naked trees in winter",
        "Sussex in spring, Essex in autumn",
        "a scunthorpe street",
        "a kidney bean, minor chord, babysitter",
        "",
        None,
    ],
)
def test_the_everyday_is_allowed(prompt: str | None) -> None:
    found = screen(prompt)
    assert (found.verdict, found.categories) == ("allow", ())


@pytest.mark.parametrize(
    ("prompt", "category"),
    [
        ("hentai", "sexual_content"),
        ("a Sex Scene", "sexual_content"),
        ("a beheading", "graphic_violence"),
        ("a nude child", "child_safety"),
        ("a schoolgirl. She is naked.", "child_safety"),
        ("lolicon", "child_safety"),
    ],
)
def test_what_the_policy_names_is_blocked(prompt: str, category: str) -> None:
    found = screen(prompt)
    assert found.verdict == "block"
    assert category in found.categories


@pytest.mark.parametrize(
    "spelling",
    [
        "BEHEADING",
        "ｂｅｈｅａｄｉｎｇ",
        "be\u200bheading",
        "be\u00adheading",
        "*beheading*",
        "a\nbeheading!",
        "𝐛𝐞𝐡𝐞𝐚𝐝𝐢𝐧𝐠",
    ],
)
def test_a_spelling_hides_nothing(spelling: str) -> None:
    assert screen(spelling).verdict == "block"


def test_a_phrase_is_found_across_spaces_and_signs() -> None:
    assert screen("sexual -  intercourse").verdict == "block"


def test_the_negative_prompt_may_name_what_must_not_be_seen() -> None:
    assert screen("a child on a beach", "nude, porn, gore").verdict == "allow"


def test_the_negative_prompt_cannot_undress_a_child() -> None:
    assert screen("a child on a beach", "clothes").categories == ("child_safety",)
    assert screen("a statue on a beach", "clothes").verdict == "allow"


def test_the_verdict_names_the_policy_and_no_term() -> None:
    found = screen("a beheading")
    assert found.policy_version == policy().version
    assert "beheading" not in found.model_dump_json()
