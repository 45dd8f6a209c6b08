"""Shares of right answers, each with its confidence interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z = 1.96  # 95 %


@dataclass(frozen=True)
class Share:
    yes: int
    of: int

    @classmethod
    def of_all(cls, answers: Iterable[bool]) -> Share:
        all_answers = list(answers)
        return cls(sum(all_answers), len(all_answers))

    @property
    def value(self) -> float:
        return self.yes / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Returns Wilson's interval of 95 % (Wilson, 1927) for the share in the whole population."""
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.value
        middle, spread = p + _Z**2 / (2 * n), _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, (middle - spread) / (1 + _Z**2 / n)), min(1.0, (middle + spread) / (1 + _Z**2 / n))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} ({low:.0%}–{high:.0%})"


def share_row(name: str, share: Share, least: float | None = None) -> tuple[str, str, str, str]:
    """Returns a table row: name, number, share and target."""
    return name, str(share.of), str(share), f"≥ {least:.0%}" if least is not None else "–"


def describe_miss(name: str, share: Share, least: float) -> list[str]:
    """Returns a line for a share below its target."""
    return [f"{name}: {share.value:.1%}, at least {least:.0%}"] if share.value < least else []
