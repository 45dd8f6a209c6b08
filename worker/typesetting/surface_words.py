"""The surfaces that a prompt names for its words: "a sign that says …", "… on a cake"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from worker.prompt_intent.prompt_words import QUOTED
from worker.typesetting.typefaces import FACES, Typeface

SurfaceKind = Literal["panel", "banner", "cloth", "cake", "object"]

_NO_SPACES = "\u3000"  # from here on: scripts that do not write words apart
_REACH = 60  # characters between the words and the name of what they stand on

_VERBS = (
    r"says?|saying|reads?|reading|labell?ed|titled|entitled|named|called|marked|inscribed|printed|written|"
    r"spelling|displaying|showing|bearing|stating"
)
_NOUNS = r"words?|texts?|lettering|letters|caption|inscription|title|label|message|slogan|name|logo|phrase"
_OTHERS = (
    r"mit der Aufschrift|mit den Worten|mit dem Text|auf de[mr] steht|avec l'inscription|avec les mots|"
    r"avec le texte|qui dit|où est écrit|con las palabras|con el texto|que dice|con la scritta|con le parole|"
    r"che dice|com as palavras|com o texto|que diz|写着|上面写着|と書かれた|と書いてある"
)
_INTRODUCTION = re.compile(
    rf"(?:[\s,]*\b(?:(?:that|which|and|it|is|are)\s+)*(?:(?:{_VERBS})\b[\s:]*)?"
    rf"(?:(?:with|and|of|in|the|a|an|by|on it)\s+)*(?:(?:{_NOUNS})\b[\s:]*)?|[\s,]*(?:{_OTHERS})\s*)?"
    rf"(?P<words>\x00)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Surface:
    """A thing that words stand on."""

    name: str
    kind: SurfaceKind
    face: Typeface
    said: str
    """As the prompt names it, with the word before it: "blue shirt"."""


def find_surface(prompt: str, text: str) -> Surface | None:
    """Returns the surface that stands the nearest to ``text``, rather before it than after it."""
    at = prompt.find(text)
    if at < 0:
        return None
    before = list(_named_in(_without_quotes(prompt[max(0, at - _REACH) : at])))
    after = list(_named_in(_without_quotes(prompt[at + len(text) : at + len(text) + _REACH])))
    return before[-1] if before else after[0] if after else None


def without_quoted(prompt: str) -> str:
    """Returns the prompt for a model that cannot write: without quoted words and what introduces them.

    'A cat with a sign that says "OPEN"' becomes "A cat with a sign". A prompt of quoted words alone stays.
    """
    marked = QUOTED.sub("\x00", prompt)
    plain = _INTRODUCTION.sub(" ", marked)
    plain = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s{2,}", " ", plain)).strip(" ,;:")
    return plain if re.search(r"\w", plain) else prompt


def _named_in(text: str) -> Iterator[Surface]:
    surfaces = _surfaces_by_name()
    for found in _pattern().finditer(text):
        surface = surfaces[found["name"].casefold()]
        yield replace(surface, said=found[0].strip())


def _without_quotes(text: str) -> str:
    """Returns the text without other quoted words: "a sign" of them is no surface."""
    return QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)


@cache
def _surfaces_by_name() -> dict[str, Surface]:
    table = tomllib.loads((files("worker.typesetting") / "surfaces.toml").read_text("utf-8"))
    return {
        spelling.casefold(): Surface(name, facts["kind"], FACES[facts["face"]], spelling)
        for name, facts in table.items()
        for spelling in facts["names"]
    }


@cache
def _pattern() -> re.Pattern[str]:
    """Returns a pattern of every name, whole words where the script has spaces, and the word before."""
    names = sorted(_surfaces_by_name(), key=len, reverse=True)
    latin = "|".join(re.escape(name) for name in names if name[-1] < _NO_SPACES)
    others = "|".join(re.escape(name) for name in names if name[-1] >= _NO_SPACES)
    return re.compile(rf"(?:\b[\w-]+\s+)?(?P<name>\b(?:{latin})(?=s?\b)|(?:{others}))", re.IGNORECASE)
