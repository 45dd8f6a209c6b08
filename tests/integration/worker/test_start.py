"""A worker that cannot do what it is configured for says so at its start, and ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.stack.environment import DEFAULTS
from tests.unit.functions.policy.external_classifiers.service import Service

ROOT = Path(__file__).parents[3]


def start_worker(data: Path, **settings: str) -> tuple[int, list[dict[str, Any]]]:
    """Runs a worker to its end, on a machine without a GPU: its exit status, and what it logged."""
    environment = {
        **os.environ,
        **DEFAULTS,
        "CUDA_VISIBLE_DEVICES": "",
        "PLANTAIN_DATA": str(data),
        "PLANTAIN_DEFAULT_MODEL": "mock",
        **settings,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "worker"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ended.stderr.splitlines() if line.startswith("{")]
    return ended.returncode, [json.loads(line) for line in lines]


def test_a_gpu_that_is_asked_for_and_not_there_keeps_the_worker_from_starting(tmp_path: Path) -> None:
    status, lines = start_worker(tmp_path, PLANTAIN_DEVICE="cuda")
    assert status == 1
    (said,) = [line for line in lines if line["message"] == "worker.cannot_start"]
    assert said["severity"] == "CRITICAL"
    assert "PLANTAIN_DEVICE is cuda" in said["reason"]
    assert not [line for line in lines if line["message"] == "worker.ready"]


def test_a_classifier_that_is_gone_keeps_the_worker_from_starting(tmp_path: Path) -> None:
    with Service(status=404, answer={"error": {"code": 404, "status": "NOT_FOUND"}}) as google:
        status, lines = start_worker(
            tmp_path,
            PLANTAIN_SAFETY_FAIL_CLOSED="true",
            PLANTAIN_IMAGE_CLASSIFIER="gemini",
            PLANTAIN_CLASSIFIER_MODEL="gemini-retired",
            PLANTAIN_CLASSIFIER_KEY="a-key",
            PLANTAIN_CLASSIFIER_URL=google.url,
        )
    assert status == 1
    (said,) = [line for line in lines if line["message"] == "worker.cannot_start"]
    assert "gemini:gemini-retired refused with 404" in said["reason"]
    assert len(google.asked) == 1


def test_a_secret_that_cannot_be_read_by_its_name_keeps_the_worker_from_starting(tmp_path: Path) -> None:
    status, lines = start_worker(tmp_path, PLANTAIN_WATERMARK_KEY="sm://plantain-watermark-key")
    assert status == 1
    (said,) = [line for line in lines if line["message"] == "worker.cannot_start"]
    assert "PLANTAIN_WATERMARK_KEY: name a secret as sm://projects/" in said["reason"]
