"""Limits while the storage fails now and then: no more pass than may."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.contract.owner_limits import OwnerLimits
from tests.integration.functions.deployment import Deployment, base64_of, picture
from tests.integration.functions.servers import Servers

PICTURE = picture(512, 512)
EDIT = {"task": "edit", "prompt": "snow", "images": [{"data": base64_of(PICTURE)}]}


@pytest.fixture
def failing(deployment: Deployment, servers: Servers) -> Iterator[Deployment]:
    """One call in ten is refused for now, and of one in ten that took effect the answer is lost."""
    faults = servers.storage.faults
    faults.unavailable = faults.lost_answer = 0.1
    yield deployment
    faults.unavailable = faults.lost_answer = 0.0


@pytest.mark.parametrize(
    "limits", [{"jobs_at_once": 4}, {"jobs_per_minute": 4}, {"bytes_per_day": 4 * len(PICTURE)}]
)
def test_no_more_pass_than_may(failing: Deployment, limits: dict[str, int]) -> None:
    few = failing.replace(limits={"*": OwnerLimits.model_validate(limits)})

    def ask(n: int) -> tuple[int, str | None]:
        answer = few.post(EDIT, Idempotency_Key=f"order-{n}")
        return answer.status_code, answer.json.get("id")

    with ThreadPoolExecutor(6) as hands:
        answers = list(hands.map(ask, range(18)))
    assert {status for status, _ in answers} <= {202, 429}
    made = [job for status, job in answers if status == 202]
    assert 1 <= len(made) <= 4
    assert len({record.name for record in few.services.jobs.list("jobs/")}) == len(made)
