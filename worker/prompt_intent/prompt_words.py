"""The words of a prompt: its tokens, and the keywords that they make up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.prompt_intent.intent_words import KEYWORDS, LONGEST_KEYWORD, Keyword, KeywordKind

QUOTED = re.compile(
    r'"([^"]{1,80})"|“([^”]{1,80})”|„([^“”]{1,80})[“”]|«([^»]{1,80})»|「([^」]{1,80})」|'
    r"(?<!\w)'([^']{1,80})'(?!\w)|(?<!\w)‘([^’]{1,80})’(?!\w)"
)
# Letters, with the marks of other scripts and emoji; a number; or what ends a part of a sentence.
_TOKEN = re.compile(r"(?:[^\W\d_]|[^\s\x00-\u02ff\u2000-\u206f\u3000-\u303f])+|\d+|[,.;:!?]")
_NOT = re.compile(r"n['’]t\b")
_FULL_STOPS = str.maketrans("、。", ",.")
BREAKS = frozenset({",", ".", ";", ":", "!", "?", "and", "or", "next", "with"})
FOREIGN = "~"
"""Begins a token of another language that was not recognised, so that it is no English word."""


@dataclass(frozen=True)
class Word:
    """A piece of the prompt: one word, or several words that are one keyword."""

    text: str
    meaning: Keyword | None = None

    def is_a(self, *kinds: KeywordKind) -> bool:
        return self.meaning is not None and self.meaning.kind in kinds

    @property
    def name(self) -> str:
        return self.meaning.name if self.meaning else ""


def split_tokens(text: str) -> list[str]:
    """Returns the words, numbers and marks of ``text``, in lower case. "don't" becomes "do", "not"."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_FULL_STOPS)
    return _TOKEN.findall(_NOT.sub(" not", plain))


def split_words(tokens: Sequence[str]) -> Iterator[Word]:
    """Yields the longest keywords, and the words between them."""
    at = 0
    while at < len(tokens):
        for length in range(min(LONGEST_KEYWORD, len(tokens) - at), 0, -1):
            text = " ".join(tokens[at : at + length])
            if meaning := KEYWORDS.get(text):
                yield Word(text, meaning)
                at += length
                break
        else:
            yield Word(tokens[at])
            at += 1


def as_written(tokens: Sequence[str], separator: str = " ") -> str:
    """Returns tokens as the prompt has them."""
    return separator.join(token.removeprefix(FOREIGN) for token in tokens)
