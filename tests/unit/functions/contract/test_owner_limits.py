"""Whose limits count."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from functions.contract.owner_limits import OwnerLimits, find_limits
from functions.contract.settings import Settings, SettingsError

BUCKETS = {f"PLANTAIN_{name}_BUCKET": name.lower() for name in ("UPLOADS", "RESULTS", "JOBS")}


def test_an_owner_s_own_come_before_those_of_all() -> None:
    settings = {
        "*": OwnerLimits(jobs_at_once=10, jobs_per_minute=60),
        "ada": OwnerLimits(jobs_at_once=20),
    }
    listed = {"ada": OwnerLimits(bytes_per_day=5), "*": OwnerLimits(jobs_per_minute=30)}
    assert find_limits("ada", listed, settings) == OwnerLimits(
        jobs_at_once=20, jobs_per_minute=30, bytes_per_day=5
    )
    assert find_limits("bob", listed, settings) == OwnerLimits(jobs_at_once=10, jobs_per_minute=30)
    assert find_limits("bob", {}, {}) == OwnerLimits()


@pytest.mark.parametrize("fields", [{"jobs_at_once": 0}, {"jobs_per_minute": 10_001}, {"bytes_per_day": -1}])
def test_a_limit_is_one_at_least(fields: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        OwnerLimits.model_validate(fields)


def test_they_are_read_from_the_environment() -> None:
    environment = {"PLANTAIN_PROJECT": "p", **BUCKETS}
    found = Settings.from_environment({**environment, "PLANTAIN_LIMITS": '{"*": {"jobs_at_once": 3}}'})
    assert found.limits == {"*": OwnerLimits(jobs_at_once=3)}
    for text in ('{"*": {"jobs": 3}}', "{", '{"*": 3}'):
        with pytest.raises(SettingsError, match="PLANTAIN_LIMITS"):
            Settings.from_environment({**environment, "PLANTAIN_LIMITS": text})
