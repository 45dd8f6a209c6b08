"""The policy's decision on a prompt, by its terms. Matched terms are neither returned nor logged, only
categories.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import inf

from ..contract.manifest import ScreeningResult
from ..contract.policy_decision import Decision
from .lexicon import Lexicon, Role, ViewMatches, shipped_lexicon
from .rules import Category, TermPair

_FROM_THE_STRICTEST: tuple[Decision, ...] = ("block", "review", "allow")
Verdicts = Mapping[str, Decision]
"""A deployment's own decisions, by category. They do not change a locked category."""


def screen_prompt(
    prompt: str | None,
    negative_prompt: str | None = None,
    *,
    subject: str = "prompt",
    verdicts: Verdicts | None = None,
    by: Lexicon | None = None,
) -> ScreeningResult:
    """Decides whether a picture of ``prompt`` may be made.

    The negative prompt says what must not be seen, so that terms in it break nothing by themselves.
    """
    terms = by or shipped_lexicon()
    asked = PromptTerms(terms.read(prompt or ""), terms.read(negative_prompt or ""))
    broken = dict(_broken_categories(terms, asked, verdicts or {}))
    ruling = _strictest_of(broken.values())
    return ScreeningResult(
        subject=subject,
        verdict=ruling,
        categories=tuple(name for name, each in broken.items() if each == ruling),
        policy_version=terms.policy.version,
    )


def _strictest_of(rulings: Collection[Decision]) -> Decision:
    for ruling in _FROM_THE_STRICTEST:
        if ruling in rulings:
            return ruling
    return "allow"


class PromptTerms:
    """The terms that a prompt and its negative prompt contain."""

    def __init__(self, wanted: tuple[ViewMatches, ...], unwanted: tuple[ViewMatches, ...]) -> None:
        self._readings = wanted
        self._wanted = frozenset(match.role for reading in wanted for match in reading)
        self._unwanted = frozenset(match.role for reading in unwanted for match in reading)

    def breaks(self, name: str, category: Category) -> bool:
        """Returns True if the prompt breaks the category."""
        return (
            (name, "terms") in self._wanted
            or ((name, "ambiguous") in self._wanted and not self._is_excused(category))
            or any(self._stand_together(name, each) for each in category.together)
            or self._undresses(name, category)
        )

    def _is_excused(self, category: Category) -> bool:
        return any(("", context) in self._wanted for context in category.contexts)

    def _stand_together(self, name: str, each: TermPair) -> bool:
        first, second = ((name, group) for group in each.groups)
        if first not in self._wanted or second not in self._wanted:
            return False
        return each.within is None or any(
            _smallest_gap(reading, first, second) <= each.within for reading in self._readings
        )

    def _undresses(self, name: str, category: Category) -> bool:
        """Returns True if the negative prompt wishes away what covers a subject of the prompt."""
        return (name, "without") in self._unwanted and (name, category.together[0].groups[0]) in self._wanted


def _smallest_gap(reading: ViewMatches, first: Role, second: Role) -> float:
    """Returns the letters between the nearest two matches of these roles; 0 if they overlap.

    It goes from left to right, so that a long prompt full of both takes no longer than any other.
    """
    ends: dict[Role, float] = {}
    nearest = inf
    for match in sorted(reading, key=lambda match: match.begin):
        for role, other in ((first, second), (second, first)):
            if match.role == role:
                nearest = min(nearest, max(0, match.begin - ends.get(other, -inf)))
                ends[role] = max(ends.get(role, -inf), match.end)
    return nearest


def _broken_categories(
    terms: Lexicon, asked: PromptTerms, verdicts: Verdicts
) -> Iterator[tuple[str, Decision]]:
    for name, category in terms.policy.categories.items():
        ruling = category.verdict if category.locked else verdicts.get(name, category.verdict)
        if ruling != "allow" and asked.breaks(name, category):
            yield name, ruling
