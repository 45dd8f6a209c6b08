"""The base of every emulator's faults: errors and delays that a test switches on to see how clients react."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from functions.contract.errors import InvalidRequest


@dataclass(slots=True, kw_only=True)
class RequestFaults:
    """The faults of a server; each emulator derives its own class and names its faults in two tables.

    Each kind of fault draws from its own random sequence, started by ``seed``. The same seed and the same
    order of requests therefore give the same faults, whichever other faults are switched on.

    Attributes:
        SHARES: faults that strike a share of the requests, from 0 to 1.
        SECONDS: faults that are a time in seconds, each with its smallest and its largest value.

    Raises:
        InvalidRequest: a value is out of range.
    """

    SHARES: ClassVar[tuple[str, ...]] = ()
    SECONDS: ClassVar[dict[str, tuple[float, float]]] = {}

    seed: int = 0
    _draws: dict[str, Random] = field(
        default_factory=dict[str, Random], init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in self.SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest(f"{name} is a share of all, between 0 and 1: {getattr(self, name)}")
        for name, (least, most) in self.SECONDS.items():
            if not least <= getattr(self, name) <= most:
                raise InvalidRequest(
                    f"{name} is in seconds, between {least:g} and {most:g}: {getattr(self, name)}"
                )

    def strikes(self, kind: str) -> bool:
        """Draws whether a fault of this kind strikes the next request."""
        share: float = getattr(self, kind)
        if not share:
            return False
        # Python seeds a string through SHA-512: the same in every process, unlike hash().
        return self._draws.setdefault(kind, Random(f"{self.seed}/{kind}")).random() < share
