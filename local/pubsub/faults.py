"""Faults that can be switched on while the server runs, to see what clients do about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from functions.contract.errors import InvalidRequest

LOST_LEASE_SECONDS = 0.25
"""How long a lost lease still holds: long enough that its holder has begun to work."""


@dataclass(slots=True)
class Faults:
    """What goes wrong, and how often. Shares are probabilities in [0, 1].

    Each kind draws from its own sequence, so that the same seed and the same order of messages give the same
    faults whichever others are on.

    Attributes:
        duplicate: share of messages that are delivered twice; never on an exactly-once subscription.
        delay: seconds between a publish and the first delivery.
        lost_lease: share of deliveries whose ack deadline lapses at once, however often it is extended.
        unavailable: share of RPCs that are answered UNAVAILABLE before they have any effect.
        seed: starts the sequences.
    """

    duplicate: float = 0.0
    delay: float = 0.0
    lost_lease: float = 0.0
    unavailable: float = 0.0
    seed: int = 0
    _draws: dict[str, Random] = field(
        default_factory=dict[str, Random], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in ("duplicate", "lost_lease", "unavailable"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest(f"{name} is a share of all, between 0 and 1: {getattr(self, name)}")
        if not 0 <= self.delay <= 600:
            raise InvalidRequest(f"delay is in seconds, between 0 and 600: {self.delay}")

    def duplicates(self) -> bool:
        """Whether the next message is delivered twice."""
        return self._draw("duplicate", self.duplicate)

    def loses_lease(self) -> bool:
        """Whether the next delivery's lease is lost."""
        return self._draw("lost_lease", self.lost_lease)

    def refuses(self) -> bool:
        """Whether the next RPC is answered UNAVAILABLE."""
        return self._draw("unavailable", self.unavailable)

    def _draw(self, kind: str, share: float) -> bool:
        if not share:
            return False
        # Python seeds a string through SHA-512: the same in every process, unlike hash().
        return self._draws.setdefault(kind, Random(f"{self.seed}/{kind}")).random() < share
