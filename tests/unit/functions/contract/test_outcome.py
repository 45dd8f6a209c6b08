"""In which state an error ends a job."""

from __future__ import annotations

import pytest

from functions.contract.errors import PlantainError
from functions.contract.states import State
from functions.contract.storage.job_commit import state_after

OTHERWISE = {
    "canceled": State.CANCELED,
    "deadline_exceeded": State.EXPIRED,
    "blocked": State.BLOCKED,
    "prompt_blocked": State.BLOCKED,
    "image_blocked": State.BLOCKED,
}


@pytest.mark.parametrize("error", PlantainError.tree().values())
def test_an_error_fails_the_job_unless_it_says_otherwise(error: type[PlantainError]) -> None:
    assert state_after(error()) is OTHERWISE.get(error.code, State.FAILED)
