"""Faults of the endpoint that can be switched on while it runs, to see what ``dispatch`` does about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from local.http_servers.request_faults import RequestFaults


@dataclass(slots=True, kw_only=True)
class VertexFaults(RequestFaults):
    """The faults of the Vertex AI emulator, and how often they strike.

    Attributes:
        unavailable: share of predictions that are answered 503 and reach no container.
        too_many: share of predictions that are answered 429 and reach no container.
        forbidden: share of predictions that are answered 403 and reach no container.
        lost_answer: share of predictions that the container makes, and that are answered 503.
        seconds: the longest a prediction may take, 600 as with a dedicated endpoint; then it is answered 504.
    """

    SHARES: ClassVar = ("unavailable", "too_many", "forbidden", "lost_answer")
    SECONDS: ClassVar = {"seconds": (0.001, 3_600)}

    unavailable: float = 0.0
    too_many: float = 0.0
    forbidden: float = 0.0
    lost_answer: float = 0.0
    seconds: float = 600.0
