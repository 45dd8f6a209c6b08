"""What each process of a worker leaves out at its start: slow imports that only another process needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

CLIENTS = ("grpc", "google.cloud.pubsub_v1", "google.cloud.storage")
LEFT_OUT = {
    "worker.stage_processes.engine_server": (
        *CLIENTS,
        "cryptography",
        "worker.verification.examiner",
        "torch",
    ),
    "worker.stage_processes.marking_server": (*CLIENTS, "torch"),
    "worker.runtime.bootstrap": ("starlette", "uvicorn", "worker.verification.examiner", "torch"),
}


@pytest.mark.parametrize(("module", "unwanted"), LEFT_OUT.items())
def test_a_process_imports_what_it_needs_alone(module: str, unwanted: tuple[str, ...]) -> None:
    program = f"import {module}, sys; print([name for name in {unwanted} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
