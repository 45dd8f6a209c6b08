"""The name of a region, as far as a finder can follow it: a known thing, a colour, sides, the background."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from worker.prompt_intent.foreign_words import read_foreign
from worker.prompt_intent.prompt_words import BREAKS, FOREIGN, Word, as_written, split_tokens, split_words

ALL_AROUND = frozenset({"background", "surroundings", "backdrop"})
"""Words that mean everything except the thing."""
SIDES = frozenset({"left", "right", "top", "upper", "bottom", "lower"})
_PREPOSITIONS = """
of on in at to from for by with without near behind under over above below beside between inside around
and or that which who is are"""
_ENDS_HEAD = frozenset(_PREPOSITIONS.split())
"""Words after which a name says where the thing is or what it has: "the hat on the red boat" is a hat."""
_ANY_THING = """
a an the this that these those it its them one ones s thing things object objects side sides part parts
main all both every each whole my your our his her"""
_GENERAL = frozenset(_ANY_THING.split())
"""Words that any thing can have in its name."""
_FOLLOWED = ALL_AROUND | SIDES | _GENERAL | _ENDS_HEAD | BREAKS


@dataclass(frozen=True)
class RegionName:
    """The parts of a region's name that a finder can follow, and the words that it cannot."""

    subject: str | None
    """The thing, if the finder knows it."""
    colour: str | None
    """The colour of the thing."""
    sides: tuple[str, ...]
    is_background: bool
    unrecognized: tuple[str, ...]
    """The words that the finder does not follow, in their order."""
    is_followed: bool
    """False if the finder knows nothing of what the name says the thing is."""


def read_region_name(name: str, subjects: Collection[str] = ()) -> RegionName:
    """Reads a name in English, or in another language of the vocabulary ("das rote Boot").

    ``subjects`` are the things that the finder knows.
    """
    tokens = split_tokens(name)
    foreign = read_foreign(tokens)
    tokens = foreign.tokens if foreign else tokens
    head = _head_of(tokens)
    words = list(split_words(head))
    subject = _subject_of(words, subjects)
    is_background = not ALL_AROUND.isdisjoint(head)
    colour = None if is_background else next((word.name for word in words if word.is_a("colour")), None)
    unrecognized = _find_unrecognized(tokens, subjects)
    is_general = not unrecognized and any(token not in BREAKS for token in tokens)
    return RegionName(
        subject=subject,
        colour=colour,
        sides=tuple(token for token in tokens if token in SIDES),
        is_background=is_background,
        unrecognized=unrecognized,
        is_followed=bool(subject or colour or is_background or is_general),
    )


def _head_of(tokens: Sequence[str]) -> list[str]:
    """Returns the tokens up to the first that ends the thing's own name; "red and white" goes on."""
    for n, token in enumerate(tokens):
        links_colours = token in ("and", "or") and n > 0 and _is_colour(tokens[n - 1])
        if (token in _ENDS_HEAD or token in BREAKS) and not links_colours:
            return list(tokens[:n])
    return list(tokens)


def _is_colour(token: str) -> bool:
    return all(word.is_a("colour") for word in split_words([token]))


def _subject_of(words: Sequence[Word], subjects: Collection[str]) -> str | None:
    """Returns the known thing that the head names: "the boat sail" and "the cat's hat" are none."""
    named = [n for n, word in enumerate(words) if word.is_a("subject") and word.name in subjects]
    if not named:
        return None
    rest = (word for word in words[named[-1] + 1 :] if not word.is_a("colour", "size"))
    is_another = any(
        word.text not in _FOLLOWED and not word.text.startswith(FOREIGN) and not word.text.endswith("ing")
        for word in rest
    )
    return None if is_another else words[named[-1]].name


def _find_unrecognized(tokens: Sequence[str], subjects: Collection[str]) -> tuple[str, ...]:
    lost = [
        part
        for word in split_words(tokens)
        if not (word.is_a("colour") or (word.is_a("subject") and word.name in subjects))
        for part in word.text.split()
        if part not in _FOLLOWED and not _is_colour(part)
    ]
    return tuple(as_written([part]) for part in dict.fromkeys(lost))
