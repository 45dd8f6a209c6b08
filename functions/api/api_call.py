"""One call of the API, as a handler receives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from flask import Request, Response

from ..callers import Caller
from ..contract.job import JobRecord
from ..contract.tombstone import Tombstone
from ..services import Services
from .owned_jobs import read_owned_job, read_owned_tombstone


@dataclass(frozen=True)
class ApiCall:
    """A request, with the services and the caller."""

    request: Request
    services: Services
    caller: Caller
    dialect: str = "own"  # as functions/api/dialects.py names it
    arrived: float = field(default_factory=monotonic)  # when the call came, on the clock that limits waiting
    is_abandoned: Callable[[], bool] = lambda: False  # whether the client has closed the connection

    @property
    def owner(self) -> str:
        return self.caller.owner

    def record(self, job_id: str) -> JobRecord:
        """Returns the job if it is the caller's. Raises as ``read_owned_job``."""
        return read_owned_job(self.services, self.owner, job_id)

    def tombstone(self, job_id: str) -> Tombstone:
        """Returns the tombstone of the caller's deleted job. Raises NotFound."""
        return read_owned_tombstone(self.services, self.owner, job_id)


Handler = Callable[..., Response]
Facts = dict[str, Any]
