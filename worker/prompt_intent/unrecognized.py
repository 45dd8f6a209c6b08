"""The words and phrases of a prompt that were not understood, or that the model does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from worker.prompt_intent.intent_words import COUNTS, KeywordKind
from worker.prompt_intent.prompt_words import BREAKS, Word, as_written
from worker.prompt_intent.small_words import SMALL_WORDS

MAX_PHRASES = 40
"""Phrases that are listed of one prompt."""
_MAX_LENGTH = 80  # characters of a phrase
ONE_OF_EACH: tuple[KeywordKind, ...] = ("setting", "light", "place", "season", "weather", "style", "mood")
"""The kinds of which an intent has one name."""
_Role = Literal["read", "unread", "attribute", "fact"]


@dataclass(frozen=True)
class PromptReading:
    """A prompt's words, and what an intent has of them."""

    words: Sequence[Word]
    owned: Collection[int]
    """The positions of the colours, sizes and numbers that belong to a thing."""
    names: Collection[str]
    """The names of the setting, the light and so on that the intent has."""
    scenes_only: bool
    """True if the model draws nothing beside the scene vocabulary."""
    separator: str = " "
    """Stands between the words of the prompt's language."""


def find_unrecognized(reading: PromptReading) -> tuple[str, ...]:
    """Returns the phrases that no fact of the intent stands for, in the order of the prompt.

    Attributes stay with their noun: "blue table", "three unicorns".
    """
    phrases = [as_written(texts, reading.separator)[:_MAX_LENGTH] for texts in _find_phrases(reading)]
    return tuple(dict.fromkeys(phrases))[:MAX_PHRASES]


def _find_phrases(reading: PromptReading) -> Iterator[list[str]]:
    roles: list[_Role] = [_role_of(reading, n) for n in range(len(reading.words))]
    at = 0
    while at < len(roles):
        end = at
        while end < len(roles) and roles[end] in ("unread", "attribute"):
            end += 1
        if end == at:
            at += 1
            continue
        if phrase := _complete_phrase(reading.words, roles, at, end):
            yield phrase
        at = end


def _complete_phrase(words: Sequence[Word], roles: Sequence[_Role], at: int, end: int) -> list[str]:
    """Returns the words of a run of unread words and attributes; [] for attributes of nothing.

    Attributes alone are shown with the setting or the light beside them.
    """
    texts = [word.text for word in words[at:end]]
    if "unread" in roles[at:end]:
        return texts
    if end < len(roles) and roles[end] == "fact":
        return [*texts, words[end].text]
    if at > 0 and roles[at - 1] == "fact" and not words[at].is_a("size"):
        return [words[at - 1].text, *texts]
    return texts if any(word.is_a("size") for word in words[at:end]) else []


def _is_of_unread(reading: PromptReading, n: int) -> bool:
    """Returns True for a colour, size or number whose thing the model does not draw: "huge elephant"."""
    owner = next((word for word in reading.words[n:] if word.is_a("subject")), None)
    return reading.scenes_only and owner is not None and not (owner.meaning and owner.meaning.is_in_scenes)


def _role_of(reading: PromptReading, n: int) -> _Role:
    word = reading.words[n]
    if word.text in BREAKS or (n in reading.owned and not _is_of_unread(reading, n)):
        return "read"
    if word.is_a("colour", "size") or word.text in COUNTS:
        return "attribute"
    if word.meaning is None:
        return "read" if word.text in SMALL_WORDS else "unread"
    if reading.scenes_only and not word.meaning.is_in_scenes:
        return "unread"
    if not word.is_a(*ONE_OF_EACH):
        return "read"
    return "fact" if word.name in reading.names else "unread"
