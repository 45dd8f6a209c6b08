"""Faults that can be switched on while the server runs, to see what clients do about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from functions.contract.errors import InvalidRequest

SHARES = ("unavailable", "too_many", "torn_upload", "lost_answer")


@dataclass(slots=True)
class Faults:
    """What goes wrong, and how often. Shares are probabilities in [0, 1].

    Each kind draws from its own sequence, so that the same seed and the same order of requests give the same
    faults whichever others are on.

    Attributes:
        unavailable: share of requests that are answered 503 before they have any effect.
        too_many: share of requests that are answered 429 before they have any effect.
        slow: seconds that every request waits before it is looked at.
        torn_upload: share of uploads whose connection is dropped half-way; nothing is stored.
        lost_answer: share of successful writes that are answered 503, although they took effect.
        seed: starts the sequences.
    """

    unavailable: float = 0.0
    too_many: float = 0.0
    slow: float = 0.0
    torn_upload: float = 0.0
    lost_answer: float = 0.0
    seed: int = 0
    _draws: dict[str, Random] = field(
        default_factory=dict[str, Random], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest(f"{name} is a share of all, between 0 and 1: {getattr(self, name)}")
        if not 0 <= self.slow <= 600:
            raise InvalidRequest(f"slow is in seconds, between 0 and 600: {self.slow}")

    def refuses(self) -> bool:
        """Whether the next request is answered 503."""
        return self._draw("unavailable", self.unavailable)

    def limits(self) -> bool:
        """Whether the next request is answered 429."""
        return self._draw("too_many", self.too_many)

    def tears(self) -> bool:
        """Whether the next upload loses its connection."""
        return self._draw("torn_upload", self.torn_upload)

    def loses_answer(self) -> bool:
        """Whether the next write that took effect is answered 503."""
        return self._draw("lost_answer", self.lost_answer)

    def _draw(self, kind: str, share: float) -> bool:
        if not share:
            return False
        # Python seeds a string through SHA-512: the same in every process, unlike hash().
        return self._draws.setdefault(kind, Random(f"{self.seed}/{kind}")).random() < share
