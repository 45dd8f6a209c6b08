"""Processes that are restarted when they die, and killed when their parent dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from local.stack import service_process
from local.stack.subprocess_supervisor import ProcessFailed, SupervisedProcess

ROOT = Path(__file__).parents[4]

PATIENCE = 60.0  # seconds, far more than anything here takes

LIVES = """
import os, pathlib, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(os.environ["GRANDCHILD"]).write_text(str(grandchild.pid))
pathlib.Path(os.environ["PLANTAIN_READY_FILE"]).touch()
time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LIVES
DIES = "raise SystemExit(3)"
TELLS = """
import json, os, pathlib, signal, sys
mask = [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])]
print(json.dumps({"name": __name__, "arguments": sys.argv[1:], "variables": dict(os.environ), "blocked": mask,
                  "leads": os.getpid() == os.getsid(0)}))
pathlib.Path(os.environ["PLANTAIN_READY_FILE"]).touch()
signal.pause()
"""
SERVICES = {"lives": LIVES, "stubborn": STUBBORN, "dies": DIES, "tells": TELLS}

PARENT = """
import asyncio, os, pathlib, sys
sys.path.insert(0, {root!r})
from local.stack.subprocess_supervisor import SupervisedProcess

async def main():
    child = SupervisedProcess("child", "lives", environment=dict(os.environ), log=pathlib.Path({log!r}),
                  ready=pathlib.Path({ready!r}), say=print)
    child.start()
    await child.wait_ready()
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(service_process, "_PRELOADED", "json")  # these services import little
    monkeypatch.syspath_prepend(tmp_path)  # and find modules where the stack does
    for name, source in SERVICES.items():
        (tmp_path / f"{name}.py").write_text(source)
    return tmp_path


def environment(directory: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(directory), "GRANDCHILD": str(directory / "grandchild")}


@asynccontextmanager
async def started(directory: Path, module: str, said: list[str]) -> AsyncGenerator[SupervisedProcess]:
    child = SupervisedProcess(
        module,
        module,
        environment=environment(directory),
        log=directory / "log",
        ready=directory / "ready",
        say=said.append,
    )
    child.start()
    try:
        yield child
    finally:
        await child.stop(0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def grandchild(directory: Path) -> int:
    return int((directory / "grandchild").read_text())


def test_a_process_that_is_killed_starts_again_and_it_is_said(modules: Path) -> None:
    async def scenario() -> None:
        said: list[str] = []
        async with started(modules, "lives", said) as child:
            await child.wait_ready()
            first = child.pid
            assert first
            os.kill(first, signal.SIGKILL)
            await until(lambda: child.is_ready and child.pid != first)
            assert child.restarts == 1
            assert "lives was killed by SIGKILL" in said[0]

    asyncio.run(scenario())


def test_every_change_of_the_process_is_told(modules: Path) -> None:
    async def scenario() -> None:
        seen: list[tuple[int | None, bool]] = []
        child = SupervisedProcess(
            "lives",
            "lives",
            environment=environment(modules),
            log=modules / "log",
            ready=modules / "ready",
            say=lambda _: None,
            on_change=lambda: seen.append((child.pid, child.is_ready)),
        )
        child.start()
        await child.wait_ready()
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.is_ready and child.pid != first and seen[-1] == (child.pid, True))
        second = child.pid
        await child.stop(0)
        assert seen[:3] == [(first, False), (first, True), (None, False)]
        assert seen[3:] == [(second, False), (second, True), (None, False)]

    asyncio.run(scenario())


def test_what_a_killed_process_started_is_killed_with_it(modules: Path) -> None:
    async def scenario() -> None:
        async with started(modules, "lives", []) as child:
            await child.wait_ready()
            left = grandchild(modules)
            assert child.pid
            os.kill(child.pid, signal.SIGKILL)
            await until(lambda: is_gone(left))

    asyncio.run(scenario())


def test_a_process_that_never_gets_ready_is_given_up(modules: Path) -> None:
    async def scenario() -> None:
        said: list[str] = []
        async with started(modules, "dies", said) as child:
            with pytest.raises(ProcessFailed, match=r"see .*log"):
                await child.wait_ready()
        assert "dies ended with status 3" in said[0]

    asyncio.run(scenario())


def test_stopping_kills_what_ignores_a_request_to_end(modules: Path) -> None:
    async def scenario() -> None:
        async with started(modules, "stubborn", []) as child:
            await child.wait_ready()
            pid, left = child.pid, grandchild(modules)
            assert pid
            await child.stop(0.2)
            assert is_gone(pid)
            await until(lambda: is_gone(left))

    asyncio.run(scenario())


def test_nothing_outlives_a_parent_that_was_killed(modules: Path) -> None:
    source = PARENT.format(root=str(ROOT), log=str(modules / "log"), ready=str(modules / "ready"))
    parent = subprocess.Popen(
        [sys.executable, "-c", source], env=environment(modules), stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout
        family = [int(parent.stdout.readline()), grandchild(modules)]
        parent.kill()
    deadline = time.monotonic() + PATIENCE
    while not all(is_gone(pid) for pid in family):
        assert time.monotonic() < deadline, "orphans"
        time.sleep(0.01)


def test_a_service_is_as_if_python_had_started_it(modules: Path) -> None:
    async def scenario() -> None:
        variables = {"ONLY": "this", "PYTHONPATH": str(modules)}
        with socket.create_server(("127.0.0.1", 0)) as listener:
            child = SupervisedProcess(
                "tells",
                "tells",
                "argument",
                environment=variables,
                log=modules / "log",
                ready=modules / "ready",
                sockets=(listener,),
                say=lambda _: None,
            )
            child.start()
            await child.wait_ready()
            told = json.loads((modules / "log").read_text())
            await child.stop(PATIENCE)
        assert told["name"] == "__main__"
        assert told["arguments"][:-1] == ["argument", "--fd"]
        assert told["variables"] == {**variables, "PLANTAIN_READY_FILE": str(modules / "ready")}
        assert told["blocked"] == []
        assert told["leads"]

    asyncio.run(scenario())


def test_what_a_service_wants_to_do_at_its_end_is_done(modules: Path) -> None:
    async def scenario() -> None:
        async with started(modules, "dies", []) as child:
            with pytest.raises(ProcessFailed):
                await child.wait_ready()

    (modules / "dies.py").write_text("import atexit\natexit.register(print, 'flushed')\n" + DIES)
    asyncio.run(scenario())
    assert "flushed" in (modules / "log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="services are forked on Linux only")
def test_a_service_starts_again_when_the_fork_server_is_killed(modules: Path) -> None:
    async def scenario() -> None:
        async with started(modules, "lives", []) as child:
            await child.wait_ready()
            first, left = child.pid, grandchild(modules)
            assert first
            psutil.Process(psutil.Process(first).ppid()).kill()
            await until(lambda: child.is_ready and child.pid not in (None, first))
            assert is_gone(first)
            await until(lambda: is_gone(left))

    asyncio.run(scenario())
