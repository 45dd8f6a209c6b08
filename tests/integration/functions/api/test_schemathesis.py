"""Schemathesis over ``/openapi.json``: what it makes of the description is answered as the description says.

Its own environment has no Plantain. Jobs, files and a batch are there before, so that ids lead to something.
"""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions.api.own import job_listing
from tests.client_environments import python_with
from tests.integration.functions.api.painter import painting
from tests.integration.functions.api.served_api import serving
from tests.integration.functions.deployment import Deployment, base64_of, picture

HOOKS = Path(__file__).parent / "schemathesis_hooks.py"
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance")
SCHEMA_CHECK = "response_schema_conformance"
EXAMPLES = 16  # of each operation; 36 cost twice as much, and showed as many kinds of answers
CASES = 1_000
FILES = 4  # some of them are deleted before others are read

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


@dataclass
class SchemathesisRun:
    """What a run found, and what it printed."""

    report: dict[str, Any]
    printed: str

    @property
    def failures(self) -> list[Any]:
        return [*self.report["failures"], *self.report["errors"]]


@pytest.fixture(autouse=True)
def quiet_server() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


def run_schemathesis(url: str, known: dict[str, list[str]], folder: Path, *options: str) -> SchemathesisRun:
    program = python_with("schemathesis==4.32.5").parent / "st"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_proxy")},
        "SCHEMATHESIS_HOOKS": HOOKS.stem,
        "PYTHONPATH": str(HOOKS.parent),
        "KNOWN": json.dumps(known),
        "PICTURE": base64_of(picture(256, 256)),
    }
    report = folder / "report.json"
    command = [
        *(str(program), "run", f"{url}/openapi.json", "--seed", "1", "--continue-on-failure"),
        *("--checks", ",".join((*CHECKS, SCHEMA_CHECK)), "--request-timeout", "60"),
        *("--report", "json", "--report-json-path", str(report)),
        *options,
    ]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert report.exists(), ran.stdout + ran.stderr
    return SchemathesisRun(json.loads(report.read_bytes()), ran.stdout)


def _upload_file(deployment: Deployment) -> str:
    form = {"purpose": "vision", "file": (io.BytesIO(picture()), "boat.png")}
    return deployment.client.post("/v1/files", data=form).json["id"]


def known_things(deployment: Deployment) -> dict[str, list[str]]:
    """Makes things in several states, and returns their ids by the names of the parameters for them."""
    succeeded, canceled, deleted = (deployment.generate() for _ in range(3))
    for job_id in (succeeded, deleted):
        deployment.claim(job_id)
        deployment.succeed(job_id)
    deployment.client.post(f"/v1/jobs/{canceled}/cancel")
    deployment.client.open(f"/v1/jobs/{deleted}", method="DELETE")
    files = [_upload_file(deployment) for _ in range(FILES)]
    return {
        "job_id": [succeeded, canceled, deleted],
        "response": [job_id.replace("job_", "resp_", 1) for job_id in (succeeded, canceled)],
        "interaction": [job_id.replace("job_", "v1_", 1) for job_id in (succeeded, canceled, deleted)],
        "file": [*files, *(file.removeprefix("file-") for file in files)],
        "n": ["0"],
    }


def test_what_is_made_of_the_description_is_answered_as_it_says(
    deployment: Deployment, tmp_path: Path
) -> None:
    known = known_things(deployment)
    with painting(deployment), serving(deployment) as url:
        phases = "examples,fuzzing,stateful"
        found = run_schemathesis(url, known, tmp_path, "--phases", phases, "--max-examples", str(EXAMPLES))
    assert found.failures == [], found.printed
    assert found.report["operations"]["tested"] == found.report["operations"]["total"]
    assert found.report["test_cases"]["generated"] >= CASES


def _page_without_cursor(*_: object) -> dict[str, Any]:
    return {"jobs": []}


def test_an_answer_that_is_not_as_described_is_found(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_listing, "page_view", _page_without_cursor)
    with serving(deployment) as url:
        only = ("--include-operation-id", "jobs_index", "--phases", "fuzzing", "--max-examples", "5")
        found = run_schemathesis(url, {}, tmp_path, *only)
    assert found.failures != []
