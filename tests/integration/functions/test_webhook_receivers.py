"""The receivers that docs/webhooks.md shows take what Plantain signs, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from functions.contract.document import now
from functions.contract.message import JobEvent
from functions.notifications.webhooks import signed_headers
from tests.eventually import eventually
from tests.integration.functions.deployment import WEBHOOK_SECRET

PAGE = Path("docs/webhooks.md").read_text("utf-8")
RUN = {"python": [sys.executable, "-c"], "javascript": ["node", "-e"]}
EVENT = JobEvent.model_validate(
    {
        "id": "evt_1",
        "type": "job.succeeded",
        "timestamp": now(),
        "data": {"job_id": "job_1", "state": "succeeded", "manifest": "gs://r/job_1/manifest.json"},
    }
)


def shown(language: str) -> str:
    """The page's receiver in ``language``."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return code


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def receiving(language: str) -> Generator[tuple[str, subprocess.Popen[str]]]:
    if shutil.which(RUN[language][0]) is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip  # .ci/run installs it
        missing(f"{RUN[language][0]} is not installed")
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": WEBHOOK_SECRET}
    process = subprocess.Popen(
        [*RUN[language], shown(language)], env=environment, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            eventually(lambda: is_open(port))
            yield f"http://127.0.0.1:{port}/", process
        finally:
            process.kill()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("language", RUN)
def test_it_takes_what_is_signed_and_prints_it_once(language: str) -> None:
    body = EVENT.encode()
    headers = signed_headers(WEBHOOK_SECRET, EVENT.id, now(), body)
    other = signed_headers("whsec_" + "b3RoZXIgc2VjcmV0IG9mIDI0IGJ5", EVENT.id, now(), body)
    with receiving(language) as (url, process):
        assert httpx.post(url, content=body, headers=other).status_code == 401
        assert httpx.post(url, content=body + b" ", headers=headers).status_code == 401
        unsigned = {name: text for name, text in headers.items() if name != "webhook-signature"}
        assert httpx.post(url, content=body, headers=unsigned).status_code == 401
        assert httpx.post(url, content=body, headers=headers).status_code == 204
        assert httpx.post(url, content=body, headers=headers).status_code == 204
        assert process.stdout is not None
        assert process.stdout.readline() == "job.succeeded job_1\n"
        process.kill()
        assert process.stdout.read() == ""


@pytest.mark.parametrize("language", RUN)
def test_it_takes_either_of_two_secrets_during_a_change(language: str) -> None:
    body = EVENT.encode()
    both = signed_headers(f"whsec_b3RoZXIgc2VjcmV0IG9mIDI0IGJ5 {WEBHOOK_SECRET}", EVENT.id, now(), body)
    with receiving(language) as (url, _):
        assert httpx.post(url, content=body, headers=both).status_code == 204
