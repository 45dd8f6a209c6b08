"""What a job's end counts for in the service level objectives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.contract.errors import ErrorFacts, PlantainError
from functions.contract.job import HistoryEntry, JobRecord
from functions.contract.manifest import Manifest
from functions.contract.objective import judge_deadline, seconds_to_start
from functions.contract.states import State

SECOND = timedelta(seconds=1)


def ended(record: JobRecord, state: State, late: timedelta = -SECOND, code: str | None = None) -> Manifest:
    error = ErrorFacts(code=code, message="It went wrong.") if code else None
    return Manifest.of(record, state, record.deadline + late, error=error)


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.BLOCKED])
def test_a_job_that_is_decided_in_time_is_met(record: JobRecord, state: State) -> None:
    assert judge_deadline(ended(record, state)) == "met"
    assert judge_deadline(ended(record, state, late=timedelta())) == "met"
    assert judge_deadline(ended(record, state, late=SECOND)) == "missed"


def test_an_expired_job_is_missed(record: JobRecord) -> None:
    assert judge_deadline(ended(record, State.EXPIRED, code="deadline_exceeded")) == "missed"


def test_a_canceled_job_is_excluded(record: JobRecord) -> None:
    assert judge_deadline(ended(record, State.CANCELED, code="canceled")) == "excluded"


@pytest.mark.parametrize("error", PlantainError.tree().values(), ids=lambda error: error.code)
def test_a_failure_is_ours_unless_its_status_blames_the_caller(
    record: JobRecord, error: type[PlantainError]
) -> None:
    expected = "excluded" if error.status < 500 else "missed"
    assert judge_deadline(ended(record, State.FAILED, code=error.code)) == expected


@pytest.mark.parametrize("code", [None, "a_code_of_a_newer_version"])
def test_a_failure_without_a_known_reason_is_ours(record: JobRecord, code: str | None) -> None:
    assert judge_deadline(ended(record, State.FAILED, code=code)) == "missed"


def test_the_start_is_the_first_worker_and_not_the_last(record: JobRecord) -> None:
    steps = tuple(
        HistoryEntry(at=record.created + n * SECOND, state=state)
        for n, state in ((3, State.RUNNING), (5, State.QUEUED), (9, State.RUNNING))
    )
    begun = record.model_copy(update={"history": steps})
    assert seconds_to_start(ended(begun, State.SUCCEEDED)) == 3.0


def test_a_job_that_no_worker_took_has_no_start(record: JobRecord) -> None:
    assert seconds_to_start(ended(record, State.EXPIRED)) is None
