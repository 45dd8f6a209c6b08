"""Finds many terms in one pass over a text (Aho and Corasick, Efficient string matching, CACM 1975)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator


class Automaton:
    """Built once from its patterns; the time of ``find`` depends on the text and not on their number."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._steps: list[dict[str, int]] = [{}]
        self._ends: list[list[int]] = [[]]
        self._lengths: list[int] = []
        for n, pattern in enumerate(patterns):
            self._add(n, pattern)
        self._fallback = [0] * len(self._steps)
        self._link()

    def _add(self, n: int, pattern: str) -> None:
        node = 0
        for letter in pattern:
            following = self._steps[node].get(letter)
            if following is None:
                following = self._steps[node][letter] = len(self._steps)
                self._steps.append({})
                self._ends.append([])
            node = following
        self._ends[node].append(n)
        self._lengths.append(len(pattern))

    def _link(self) -> None:
        """Links nodes breadth first: a node falls back to the longest other pattern start that
        it ends with.
        """
        waiting = deque(self._steps[0].values())
        while waiting:
            node = waiting.popleft()
            for letter, following in self._steps[node].items():
                self._fallback[following] = self._next(self._fallback[node], letter)
                self._ends[following] += self._ends[self._fallback[following]]
                waiting.append(following)

    def _next(self, node: int, letter: str) -> int:
        while node and letter not in self._steps[node]:
            node = self._fallback[node]
        return self._steps[node].get(letter, 0)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yields (which pattern, where it begins) for every occurrence, overlapping ones too."""
        node = 0
        for at, letter in enumerate(text):
            node = self._next(node, letter)
            for n in self._ends[node]:
                yield n, at + 1 - self._lengths[n]
