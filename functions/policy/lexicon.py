"""All terms of the policy in one automaton, and which of them a text contains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock

from ..contract.paused_collection import paused_collection
from .automaton import Automaton
from .rules import Policy, Words, shipped_policy
from .terms import TermPattern, patterns_of
from .text_views import TextView, views_of

Role = tuple[str, str]
"""A category, and what the term is in it: "terms", "ambiguous", "harmless", "without" or a group's name.

A context's words have the role ("", the context's name).
"""


@dataclass(frozen=True)
class TermMatch:
    """The place of a term in a view, and its role."""

    begin: int
    end: int
    role: Role


ViewMatches = tuple[TermMatch, ...]
"""What one view of a text contains."""


class Lexicon:
    """The policy's terms, ready to be looked for."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._roles: dict[TermPattern, dict[Role, None]] = defaultdict(dict)
        for role, words in _every_role(policy):
            self._learn(role, words)
        self._patterns = list(self._roles)
        self._automaton = Automaton(pattern.letters for pattern in self._patterns)

    def _learn(self, role: Role, words: Words) -> None:
        for language, terms in words.items():
            for term in terms:
                for pattern in patterns_of(term, language):
                    self._roles[pattern][role] = None

    def read(self, text: str) -> tuple[ViewMatches, ...]:
        """Returns what each view of ``text`` contains, without terms that stand inside a harmless name."""
        return tuple(tuple(self._harmful(seen)) for seen in views_of(text))

    def _harmful(self, seen: TextView) -> Iterator[TermMatch]:
        """Yields matches from left to right. A harmless name covers all that begins after it and ends before
        it does.
        """
        reach: dict[str, int] = {}
        for match in sorted(self._matches(seen), key=_names_first):
            category, kind = match.role
            if kind == "harmless":
                reach[category] = max(reach.get(category, 0), match.end)
            elif kind == "without" or match.end > reach.get(category, 0):
                yield match

    def _matches(self, seen: TextView) -> Iterator[TermMatch]:
        for n, begin in self._automaton.find(seen.letters):
            pattern = self._patterns[n]
            end = begin + len(pattern.letters)
            runs = seen.runs[begin:end]
            if not pattern.is_written(runs) or _splits_a_number(seen.letters, begin):
                continue
            for role in self._roles[pattern]:
                if role[1] != "harmless" or pattern.is_named(runs):
                    yield TermMatch(begin, end, role)


def _splits_a_number(letters: str, at: int) -> bool:
    """Returns True if ``at`` is between two digits: 25 contains no 5, and 二十三 no 三."""
    return at > 0 and letters[at].isnumeric() and letters[at - 1].isnumeric()


def _names_first(match: TermMatch) -> tuple[int, bool]:
    return match.begin, match.role[1] != "harmless"


def _every_role(rules: Policy) -> Iterator[tuple[Role, Words]]:
    for name, words in rules.contexts.items():
        yield ("", name), words
    for name, category in rules.categories.items():
        yield (name, "terms"), category.terms
        yield (name, "ambiguous"), category.ambiguous
        yield (name, "harmless"), category.harmless
        yield (name, "without"), category.without
        for group, words in category.groups.items():
            yield (name, group), words


_building = Lock()


def shipped_lexicon() -> Lexicon:
    """Returns the shipped policy's lexicon, built on first use, once: half a second of a processor.

    Without the lock each waiting thread would build one of its own, and all would wait for the last.
    """
    with _building:
        return _build_shipped_lexicon()


@cache
def _build_shipped_lexicon() -> Lexicon:
    with paused_collection():  # a third of the time otherwise: it is hundreds of thousands of objects
        return Lexicon(shipped_policy())
