"""Notes of the jobs that failed lately, of all owners, which an operator lists. They hold no prompt, no name.

Each is an empty object whose name sorts the newest first. They are removed after a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..contract import paths
from ..contract.manifest import Manifest
from ..contract.states import State
from ..services import Services

_NOTED = (State.FAILED, State.EXPIRED)
_STATE, _CODE, _STAGE, _MODEL = "state", "code", "stage", "model"


@dataclass(frozen=True)
class FailureNote:
    """A job that failed or expired, and why."""

    job_id: str
    state: str
    code: str
    stage: str
    model: str
    ended: datetime


def note_failure(services: Services, manifest: Manifest) -> None:
    """Notes the job if it failed or expired: one storage operation. Safe to repeat. Raises Transient."""
    if manifest.state not in _NOTED:
        return
    error = manifest.error
    facts = {
        _STATE: str(manifest.state),
        _CODE: error.code if error else "",
        _STAGE: (error.stage if error else None) or "",
        _MODEL: manifest.model,
    }
    services.jobs.put(paths.failure_entry(manifest.ended, manifest.job_id), b"", "text/plain", metadata=facts)


def list_failures(services: Services, limit: int) -> Iterator[FailureNote]:
    """Yields the newest notes."""
    for found in services.jobs.list(paths.FAILURES, limit=limit):
        job_id = paths.id_of_index_entry(found.name)
        if job_id is not None:
            facts = found.metadata
            yield FailureNote(
                job_id,
                facts.get(_STATE, ""),
                facts.get(_CODE, ""),
                facts.get(_STAGE, ""),
                facts.get(_MODEL, ""),
                found.created,
            )
