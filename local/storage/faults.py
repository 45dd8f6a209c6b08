"""Faults that can be switched on while the server runs, to see what clients do about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from local.http_servers.request_faults import RequestFaults


@dataclass(slots=True, kw_only=True)
class StorageFaults(RequestFaults):
    """The faults of the embedded Cloud Storage, and how often they strike.

    Attributes:
        unavailable: share of requests that are answered 503 before they have any effect.
        too_many: share of requests that are answered 429 before they have any effect.
        slow: seconds that every request waits before it is handled.
        torn_upload: share of uploads whose connection is dropped half-way; nothing is stored.
        lost_answer: share of successful writes that are answered 503, although they took effect.
    """

    SHARES: ClassVar = ("unavailable", "too_many", "torn_upload", "lost_answer")
    SECONDS: ClassVar = {"slow": (0, 600)}

    unavailable: float = 0.0
    too_many: float = 0.0
    slow: float = 0.0
    torn_upload: float = 0.0
    lost_answer: float = 0.0
