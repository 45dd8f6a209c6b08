"""What may be removed after some days, and what may not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from functions.contract.retention_rules import check_retention
from functions.contract.settings import Settings, SettingsError

VARIABLES = Path(__file__).parents[4] / "terraform" / "variables.tf"
LEAST = {
    "PLANTAIN_PROJECT": "demo",
    "PLANTAIN_UPLOADS_BUCKET": "uploads",
    "PLANTAIN_RESULTS_BUCKET": "results",
    "PLANTAIN_JOBS_BUCKET": "jobs",
}


@pytest.mark.parametrize(
    "days",
    [
        {},
        {"results/": 30},
        {"uploads/api/": 1, "uploads/shop/": 7},
        {"jobs/inputs/": 7, "jobs/checkpoints/": 1, "jobs/deliveries/": 7, "jobs/set-aside/": 30},
        {"results/": 30, "jobs/jobs/": 30, "jobs/owners/": 30},
    ],
)
def test_what_breaks_no_promise_is_allowed(days: dict[str, int]) -> None:
    check_retention(days)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"results": 30}, "slash"),
        ({"results/job_a/": 30}, "whole"),
        ({"uploads/": 30}, "recipes"),
        ({"uploads/recipes/": 30}, "recipes"),
        ({"uploads/recipes/shop/": 30}, "recipes"),
        ({"jobs/": 30}, "jobs/inputs/"),
        ({"jobs/open/": 30}, "jobs/inputs/"),
        ({"elsewhere/": 30}, "none of"),
        ({"jobs/jobs/": 30}, "records outlive results"),
        ({"jobs/jobs/": 30, "results/": 31}, "records outlive results"),
        ({"jobs/jobs/": 1, "results/": 1}, "2 days"),
    ],
)
def test_what_would_break_one_is_refused(days: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_retention(days)


def test_it_is_read_from_the_environment() -> None:
    settings = Settings.from_environment({**LEAST, "PLANTAIN_RETENTION_DAYS": '{"results/": 30}'})
    assert settings.retention_days == {"results/": 30}
    for bad in ({"results/": 0}, {"results/": 1.5}, {"jobs/open/": 3}):
        with pytest.raises(SettingsError, match="PLANTAIN_"):
            Settings.from_environment({**LEAST, "PLANTAIN_RETENTION_DAYS": json.dumps(bad)})


def test_terraform_and_the_functions_know_the_same_prefixes_of_the_jobs_bucket() -> None:
    text = VARIABLES.read_text()
    taken = re.search(r"jobs/\(([a-z|-]+)\)/\)\$", text)
    assert taken is not None
    with pytest.raises(ValueError, match="can be removed") as refused:
        check_retention({"jobs/open/": 30})
    known = re.findall(r"jobs/([a-z-]+)/", str(refused.value))
    assert sorted(taken[1].split("|")) == sorted(known)
    defaults = re.findall(r'^    "jobs/([a-z-]+)/" +=', text, re.MULTILINE)
    assert "receivers" in defaults, "a receiver that is never called again leaves nothing for ever"
    assert set(defaults) <= set(known)
