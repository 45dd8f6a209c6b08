"""The policy's files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from functions.policy import rules, shipped_policy
from functions.policy.rules import Category
from functions.policy.terms import patterns_of

LANGUAGES = {"en", "es", "fr", "de", "pt", "ru", "ar", "hi", "zh", "ja"}
FOLDER = Path(rules.__file__).parent


def copied(folder: Path) -> Path:
    shutil.copytree(FOLDER / "categories", folder / "categories")
    shutil.copy(FOLDER / "policy.toml", folder)
    return folder


def test_child_safety_is_locked_and_is_the_only_one() -> None:
    locked = [name for name, category in shipped_policy().categories.items() if category.locked]
    assert locked == ["child_safety"]


@pytest.mark.parametrize("name", shipped_policy().categories)
def test_every_category_speaks_every_language(name: str) -> None:
    category = shipped_policy().categories[name]
    words = [category.terms, category.ambiguous, *category.groups.values()]
    assert {language for each in words for language in each} == LANGUAGES


@pytest.mark.parametrize("name", shipped_policy().contexts)
def test_every_context_speaks_the_languages_that_it_excuses(name: str) -> None:
    assert set(shipped_policy().contexts[name]) == LANGUAGES


@pytest.mark.parametrize("name", shipped_policy().categories)
def test_every_term_is_well_written(name: str) -> None:
    category = shipped_policy().categories[name]
    for words in (category.terms, category.ambiguous, category.harmless, category.without):
        for language, terms in words.items():
            assert all(list(patterns_of(term, language)) for term in terms)


def test_a_changed_file_is_another_version(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = rules.read_policy(folder).version
    assert before == shipped_policy().version
    file = folder / "categories" / "forgery.toml"
    file.write_text(file.read_text() + "# looked over\n")
    assert rules.read_policy(folder).version != before


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "review", "locked": True},
        {"verdict": "block", "locked": True, "contexts": ("art",)},
        {"verdict": "block", "locked": True, "ambiguous": {"en": ("term",)}},
        {"verdict": "block", "together": ({"groups": ("one", "two")},)},
        {"verdict": "forbid"},
        {"verdict": "block", "exceptions": {}},
    ],
)
def test_a_file_that_contradicts_itself_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Category.model_validate(fields)


def test_a_context_that_there_is_not_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "categories" / "more.toml").write_text('verdict = "block"\ncontexts = ["weather"]\n')
    with pytest.raises(ValidationError, match="weather"):
        rules.read_policy(folder)
