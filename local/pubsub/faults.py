"""Faults that can be switched on while the server runs, to see what clients do about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from local.http_servers.request_faults import RequestFaults

LOST_LEASE_SECONDS = 0.25
"""How long a lost lease lasts: long enough that the consumer has begun to work."""


@dataclass(slots=True, kw_only=True)
class PubSubFaults(RequestFaults):
    """The faults of the embedded Pub/Sub, and how often they strike.

    Attributes:
        duplicate: share of messages that are delivered twice; never on an exactly-once subscription.
        delay: seconds between a publish and the first delivery.
        lost_lease: share of deliveries whose ack deadline lapses at once, however often it is extended.
        unavailable: share of RPCs that are answered UNAVAILABLE before they have any effect.
    """

    SHARES: ClassVar = ("duplicate", "lost_lease", "unavailable")
    SECONDS: ClassVar = {"delay": (0, 600)}

    duplicate: float = 0.0
    delay: float = 0.0
    lost_lease: float = 0.0
    unavailable: float = 0.0
