"""What all tests share: a job to say things about, and no clock that decides."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, settings

from functions.contract.document import now
from functions.contract.job import JobRecord
from functions.contract.request import JobRequest
from functions.contract.storage import paths
from functions.contract.telemetry import spans
from tests.recorded import Recorded

# No wall clock decides a test: a busy machine is not a bug.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# As hypothesis' own profile for CI: the gate asks the same questions each time, so that what it says is about
# the change. At home they are new ones.
settings.register_profile("gate", settings.get_profile("unhurried"), derandomize=True, database=None)
settings.load_profile("gate" if os.environ.get("CI") else "unhurried")


class MakeRecord(Protocol):
    def __call__(self, **fields: Any) -> JobRecord: ...


def _make(**fields: Any) -> JobRecord:
    created = fields.get("created") or now()
    return JobRecord.model_validate(
        {
            "id": paths.new_job_id(),
            "owner": "ada",
            "request": JobRequest(task="generate", prompt="a red boat", labels={"team": "sea"}),
            "request_sha256": "0" * 64,
            "model": "mock",
            "width": 512,
            "height": 512,
            "seed": 7,
            "created": created,
            "updated": created,
            "deadline": created + timedelta(hours=1),
            **fields,
        }
    )


@pytest.fixture
def make_record() -> MakeRecord:
    return _make


@pytest.fixture
def record() -> JobRecord:
    return _make()


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The spans that the test leaves."""
    found = Recorded()
    monkeypatch.setattr(spans, "_TRACER", found.tracer)
    return found
