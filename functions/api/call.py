"""One call of the API, as a handler gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from ..contract.errors import NotFound
from ..contract.job import JobRecord
from ..contract.paths import JOB_ID
from ..services import Services


@dataclass(frozen=True)
class Call:
    request: Request
    services: Services
    owner: str

    def record(self, job_id: str) -> JobRecord:
        """The job, if it is the caller's. Raises NotFound: another's job is told from none by nobody."""
        if JOB_ID.match(job_id):
            record = self.services.store.read(job_id).record
            if record.owner == self.owner:
                return record
        raise NotFound("There is no such job.")


Handler = Callable[..., Response]
Facts = dict[str, Any]
