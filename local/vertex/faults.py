"""Faults of the endpoint that can be switched on while it runs, to see what ``dispatch`` does about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from functions.contract.errors import InvalidRequest

SHARES = ("unavailable", "too_many", "forbidden", "lost_answer")


@dataclass(slots=True)
class Faults:
    """Shares are probabilities in [0, 1]; each kind draws from its own sequence.

    Attributes:
        unavailable: share of predictions that are answered 503 and reach no container.
        too_many: share of predictions that are answered 429 and reach no container.
        forbidden: share of predictions that are answered 403 and reach no container.
        lost_answer: share of predictions that the container makes, and that are answered 503.
        seconds: for which a prediction may last, 600 as a dedicated endpoint's; then it is answered 504.
        seed: starts the sequences.
    """

    unavailable: float = 0.0
    too_many: float = 0.0
    forbidden: float = 0.0
    lost_answer: float = 0.0
    seconds: float = 600.0
    seed: int = 0
    _draws: dict[str, Random] = field(
        default_factory=dict[str, Random], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest(f"{name} is a share of all, between 0 and 1: {getattr(self, name)}")
        if not 0 < self.seconds <= 3_600:
            raise InvalidRequest(f"seconds is more than 0, and 3600 at the most: {self.seconds}")

    def strikes(self, kind: str) -> bool:
        """Whether the next prediction meets the fault."""
        share = getattr(self, kind)
        return bool(share) and self._draws.setdefault(kind, Random(f"{self.seed}/{kind}")).random() < share
