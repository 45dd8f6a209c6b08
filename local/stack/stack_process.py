"""Runs a stack in a process of its own, for the demo, the benchmarks and the tests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.contract.errors import PlantainError
from local.client.api_client import PlantainClient
from local.stack import parent_watchdog

STOP_SECONDS = 60


class StackFailed(PlantainError):
    """``plantain up`` ended before it was ready."""

    code, title = "stack_failed", "The stack does not start"
    remedy = "Read what `plantain up` said."


class StackProcess:
    """``plantain up`` on free ports, ready when the ``with`` block begins and stopped when it ends.

    Args:
        data: the folder that keeps everything.
        arguments: further arguments of ``plantain up``, such as ``--model mock``.
        environment: variables that are added to this process's own.
        quiet: hides its stderr (restarted processes, and so on).

    Raises:
        StackFailed: it ended before it was ready; the message is its own.
    """

    def __init__(
        self, data: Path, *arguments: str, environment: Mapping[str, str] | None = None, quiet: bool = False
    ) -> None:
        command = parent_watchdog.watched_command(
            "local.cli", "up", "--port", "0", "--json", "--data", str(data), *arguments
        )
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.endswith("_EMULATOR_HOST") and name != "PLANTAIN_URL"
        }
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            env={**inherited, **(environment or {})},
            start_new_session=True,
        )

    def __enter__(self) -> StackProcess:
        line = self.process.stdout.readline() if self.process.stdout else b""
        ready = json.loads(line or b"{}")
        if ready.get("event") != "ready":
            self.stop()
            raise StackFailed(ready.get("error", {}).get("detail"))
        self.state: dict[str, Any] = ready
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Returns the variables by which Google's clients and ``Settings.from_environment`` reach it."""
        return self.state["environment"]

    def client(self) -> PlantainClient:
        return PlantainClient(self.state["api"])

    def stop(self) -> int:
        """Ends it with SIGTERM, which no shell makes a background job ignore, and returns the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            for stream in (self.process.stdin, self.process.stdout):
                if stream:
                    stream.close()
