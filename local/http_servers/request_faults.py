"""Faults that strike a share of what an embedded server is asked, to see what its clients do about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from functions.contract.errors import InvalidRequest


@dataclass(slots=True, kw_only=True)
class RequestFaults:
    """A server's faults derive from this and name them in ``SHARES``: probabilities in [0, 1].

    Each kind draws from its own sequence, which ``seed`` starts, so that the same seed and the same order of
    requests give the same faults whichever others are on. Raises InvalidRequest for what is no share.
    """

    SHARES: ClassVar[tuple[str, ...]] = ()

    seed: int = 0
    _draws: dict[str, Random] = field(
        default_factory=dict[str, Random], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in self.SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest(f"{name} is a share of all, between 0 and 1: {getattr(self, name)}")

    def strikes(self, kind: str) -> bool:
        """Whether the next one that the fault could strike is struck."""
        share: float = getattr(self, kind)
        if not share:
            return False
        # Python seeds a string through SHA-512: the same in every process, unlike hash().
        return self._draws.setdefault(kind, Random(f"{self.seed}/{kind}")).random() < share
