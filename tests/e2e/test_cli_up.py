"""``plantain up``: one command starts everything, and nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from local.http_servers.ports import ANY, open_stack_listener
from local.stack import parent_watchdog
from local.stack.stack_process import StackFailed, StackProcess
from tests.e2e.stacks import ROOT, generate, up
from tests.eventually import eventually
from tests.mock_stack import mock_stack


def family(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_leaves_no_process_and_keeps_what_was_made(tmp_path: Path, http: httpx.Client) -> None:
    """However it ends: told to, or killed."""
    with mock_stack(tmp_path, "--workers", "2") as stack:
        job = generate(stack)["id"]
        assert json.loads((tmp_path / "stack.json").read_bytes())["api"] == stack.state["api"]
        assert [each["name"] for each in stack.state["processes"]] == [
            *("functions-api", "functions-events", "bridge", "worker-1", "worker-2")
        ]
        everyone = family(stack.process.pid)
        assert len(everyone) >= 5
        assert stack.stop() == 0
    eventually(lambda: all(is_gone(process) for process in everyone))
    assert not (tmp_path / "stack.json").exists()

    with mock_stack(tmp_path) as stack:
        check_is_kept(stack, job)
        everyone = family(stack.process.pid)
        stack.process.kill()
        eventually(lambda: all(is_gone(process) for process in everyone))

    with mock_stack(tmp_path) as stack:
        check_is_kept(stack, job)
        check_each_process_comes_back(stack, tmp_path, http)
        assert generate(stack)["state"] == "succeeded"


def check_is_kept(stack: StackProcess, job: str) -> None:
    with stack.client() as client:
        assert client.job(job)["state"] == "succeeded"
        assert client.image(job, 0).startswith(b"\x89PNG")


def check_each_process_comes_back(stack: StackProcess, data: Path, http: httpx.Client) -> None:
    """Kills all processes at once."""
    before = {each["name"]: each["pid"] for each in stack.state["processes"]}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def processes() -> Any:
        return http.get(stack.state["control"]).json()["processes"]

    def all_back() -> bool:
        return all(each["ready"] and each["pid"] != before[each["name"]] for each in processes())

    def is_recorded() -> bool:
        return json.loads((data / "stack.json").read_bytes())["processes"] == processes()

    eventually(all_back)
    eventually(is_recorded)  # the file is written when a process's change is told


def test_it_can_be_interrupted_while_it_starts(tmp_path: Path) -> None:
    stack = mock_stack(tmp_path)
    eventually((tmp_path / "logs" / "worker-1.log").exists)
    everyone = family(stack.process.pid)
    assert stack.stop() == 0
    eventually(lambda: all(is_gone(process) for process in everyone))


@pytest.mark.parametrize("option", ["--port", "--storage-port", "--pubsub-port"])
def test_a_taken_port_is_one_line_and_starts_nothing(tmp_path: Path, option: str) -> None:
    with open_stack_listener("api", ANY) as listener:
        port = str(listener.getsockname()[1])
        others = () if option == "--port" else ("--port", "0")
        ended = up(tmp_path, *others, option, port)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert f"Port {port}" in ended.stderr
    assert f"{option} N" in ended.stderr
    assert not (tmp_path / "stack.json").exists()
    assert not list((tmp_path / "logs").iterdir())


def test_others_reach_it_with_keys_only(tmp_path: Path) -> None:
    ended = up(tmp_path, "--port", "0", "--host", "0.0.0.0", PLANTAIN_API_KEYS="")
    assert ended.returncode == 2
    assert "PLANTAIN_API_KEYS" in ended.stderr
    assert not (tmp_path / "stack.json").exists()
    assert not list((tmp_path / "logs").iterdir())


def test_an_emulator_that_is_named_and_does_not_answer_is_an_error(tmp_path: Path) -> None:
    ended = up(tmp_path, "--port", "0", PUBSUB_EMULATOR_HOST="127.0.0.1:1")
    assert ended.returncode == 1
    assert "unset PUBSUB_EMULATOR_HOST" in ended.stderr


def test_a_fault_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    ended = up(tmp_path, "--port", "0", "--fault", "storage.none=1")
    assert ended.returncode == 2
    assert "storage has no fault none" in ended.stderr


def test_workers_that_cannot_start_end_it(tmp_path: Path) -> None:
    environment = {"PLANTAIN_WATERMARK_KEY": "not a key"}  # only the worker reads it
    with pytest.raises(StackFailed, match=r"worker-1 .*log"):
        mock_stack(tmp_path, environment=environment).__enter__()


def test_an_environment_that_says_nothing_sensible_is_one_line(tmp_path: Path) -> None:
    ended = up(tmp_path, "--port", "0", PLANTAIN_LEASE_SECONDS="never")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "PLANTAIN_LEASE_SECONDS" in ended.stderr


@pytest.fixture
def pubsub(tmp_path: Path) -> Iterator[str]:
    """The address of a Pub/Sub that another program runs."""
    server = subprocess.Popen(
        parent_watchdog.watched_command("local.pubsub", "--port", "0"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    with server:
        assert server.stdout
        yield server.stdout.readline().strip().partition("=")[2]
        server.terminate()


def test_an_emulator_that_is_named_is_used(tmp_path: Path, pubsub: str) -> None:
    environment = {"PUBSUB_EMULATOR_HOST": pubsub}
    with mock_stack(tmp_path, environment=environment) as stack:
        assert stack.state["pubsub"] == pubsub
        assert generate(stack)["state"] == "succeeded"
        assert "pubsub" not in httpx.get(f"{stack.state['control']}/faults").json()
