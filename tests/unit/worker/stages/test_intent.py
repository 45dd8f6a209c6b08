from __future__ import annotations

import pytest

from worker.stages.intent import understand


def test_a_plain_prompt_is_understood() -> None:
    found = understand("A red boat on the sea at night")
    assert found.subjects == ("boat",)
    assert found.colours == ("red",)
    assert (found.setting, found.light, found.by) == ("sea", "night", "rules")


@pytest.mark.parametrize(
    ("prompt", "subjects"),
    [
        ("two kitties and a hot air balloon", ("cat", "balloon")),
        ("a lighthouse", ("lighthouse",)),
        ("three cottages", ("house",)),
        ("nothing that is known", ()),
    ],
)
def test_synonyms_and_plurals_have_one_name(prompt: str, subjects: tuple[str, ...]) -> None:
    assert understand(prompt).subjects == subjects


def test_words_inside_words_are_not_found() -> None:
    assert understand("a scarred carpet, a catalogue").subjects == ()
    assert understand("hundred").colours == ()


def test_counts_are_read() -> None:
    assert understand("three green fish").count == 3
    assert understand("green fish").count is None


def test_the_prompt_is_kept_as_it_was() -> None:
    assert understand("  Ein Boot, 船 ").prompt == "  Ein Boot, 船 "
