"""The scene vocabulary in other languages: the tables in ``languages/``, one TOML file for each.

A table has a section for each kind of word (subject, colour, setting …), with the names of the vocabulary
as keys and all forms of the word as values. ``endings`` are added to colours and sizes. ``grammar`` has the
small words that change what is meant ("without", "and"); ``small_words`` those that can be passed over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLES = Path(__file__).with_name("languages")
LANGUAGES = ("de", "fr", "es", "it", "pt", "zh", "ja")
"""The codes (ISO 639-1) of the languages that have a table."""
_INFLECTED = ("colour", "size")


@dataclass(frozen=True)
class LanguageTable:
    """The words of one language."""

    code: str
    language: str
    separator: str
    """Stands between words: a space, or nothing."""
    names: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By kind and by the vocabulary's name: every form, in lower case."""
    grammar: Mapping[str, tuple[str, ...]]
    """By the English word."""
    small_words: tuple[str, ...]
    denials_follow: bool
    """True if "without" stands behind its noun."""


@cache
def load_language(code: str) -> LanguageTable:
    """Returns the table of a language of ``LANGUAGES``."""
    table = tomllib.loads((_TABLES / f"{code}.toml").read_text("utf-8"))
    denials_follow: bool = table.pop("denials_follow", False)
    grammar: dict[str, str] = table.pop("grammar")
    small_words = _split_forms(grammar.pop("small_words"))
    language, separator, endings = (table.pop(name) for name in ("language", "separator", "endings"))
    return LanguageTable(
        code=code,
        language=language,
        separator=separator,
        names={
            kind: {
                name: _inflect(forms, endings if kind in _INFLECTED else ("",))
                for name, forms in names.items()
            }
            for kind, names in table.items()
        },
        grammar={word: _split_forms(forms) for word, forms in grammar.items()},
        small_words=small_words,
        denials_follow=denials_follow,
    )


def _split_forms(forms: str) -> tuple[str, ...]:
    return tuple(form.strip().lower() for form in forms.split(","))


def _inflect(forms: str, endings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(form + ending for form in _split_forms(forms) for ending in endings)
