"""What is compared: a bare loop, cog, LitServe and Plantain, each with the same model function behind it."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx

from benchmarks.peers.model import draw_png
from local.client.api_client import PlantainClient, ServiceUnreachable
from local.stack.stack_process import StackProcess

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
_WAIT_SECONDS = 60  # that the API keeps a request open until its picture is there
_PAUSE = 0.02  # seconds before a busy or absent server is asked again


Answer = TypeVar("Answer")


class Lost(Exception):
    """The server had taken the request, and no picture came of it."""


class Contender(Protocol):
    name: str

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        ...

    def kill(self) -> None:
        """Ends all of its processes at once, as a machine that loses its power does."""
        ...

    def draw(self, seed: int, side: int, seconds: float) -> int:
        """Returns the bytes of a picture of ``side`` px, drawn in ``seconds``. Raises Lost."""
        ...


class BareLoop:
    """One thread draws in this process: what the model alone makes."""

    name = "bare loop"

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def start(self) -> None:
        """Does nothing: there is no server."""

    def kill(self) -> None:
        """Does nothing: see ``start``."""

    def draw(self, seed: int, side: int, seconds: float) -> int:
        with self._turn:
            return len(draw_png("a boat", seed, side, seconds))


class ModelServer:
    """A server that answers a request with its picture: cog or LitServe, in the environment ``python``."""

    def __init__(self, name: str, python: Path) -> None:
        self.name, self._python = name, python
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(timeout=START_SECONDS)

    def start(self) -> None:
        port = _free_port()
        self._address = f"http://127.0.0.1:{port}"
        module = ["cog.server.http", "--host", "127.0.0.1"]
        if self.name != "cog":
            module = ["benchmarks.peers.litserve_server", str(port)]
        environment = os.environ | {
            "PATH": f"{self._python.parent}:{os.environ['PATH']}",  # cog starts another python
            "PYTHONPATH": str(ROOT),
            "PORT": str(port),
            "COG_PREDICT_TYPE_STUB": f"{ROOT}/benchmarks/peers/cog_predictor.py:Predictor",
        }
        self._process = subprocess.Popen(
            [str(self._python), "-m", *module],
            cwd=tempfile.mkdtemp(prefix="plantain-peers-"),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_until(self._is_ready, f"{self.name} does not start")
        except TimeoutError:
            self.kill()
            raise

    def kill(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def draw(self, seed: int, side: int, seconds: float) -> int:
        asked: dict[str, Any] = {"prompt": "a boat", "seed": seed, "side": side, "seconds": seconds}
        path, body = ("/predictions", {"input": asked}) if self.name == "cog" else ("/predict", asked)
        while True:
            try:
                answer = self._client.post(self._address + path, json=body)
            except httpx.ConnectError:  # it was not taken
                time.sleep(_PAUSE)
                continue
            except httpx.TransportError as error:
                raise Lost from error
            if answer.status_code in (409, 503):  # busy, or starting: cog has no queue
                time.sleep(_PAUSE)
                continue
            if answer.status_code != 200:
                raise Lost(f"{answer.status_code} {answer.text[:200]}")
            return len(base64.b64decode(answer.json()["output"]))

    def _is_ready(self) -> bool:
        try:
            answer = self._client.get(self._address + ("/health-check" if self.name == "cog" else "/health"))
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and (self.name != "cog" or answer.json()["status"] == "READY")


class Plantain:
    """``plantain up`` with the mock engine: a durable job, whose picture is marked, proved and signed."""

    name = "Plantain"

    def __init__(self) -> None:
        self._data = Path(tempfile.mkdtemp(prefix="plantain-peers-"))

    def start(self) -> None:
        self._stack = StackProcess(
            self._data,
            *("--model", "mock"),
            environment={"PLANTAIN_UPSCALER": "off"},
            quiet=True,
        ).__enter__()

    def kill(self) -> None:
        os.killpg(self._stack.process.pid, signal.SIGKILL)
        self._stack.process.wait()

    def draw(self, seed: int, side: int, seconds: float) -> int:
        request: dict[str, Any] = {
            "task": "generate",
            "prompt": "a boat",
            "width": side,
            "height": side,
            "seed": seed,
            "model": "mock",
            "labels": {"mock.seconds": str(seconds)},
            "correction": {"attempts": 1},
        }
        key = f"{side}-{seed}-{seconds}"
        job_id = self._ask(lambda plantain: plantain.create(request, key, wait=_WAIT_SECONDS))["id"]
        job = self._ask(lambda plantain: plantain.wait(job_id))
        if job["state"] != "succeeded":
            raise Lost(str(job.get("error")))
        return len(self._ask(lambda plantain: plantain.image(job_id, 0)))

    def _ask(self, question: Callable[[PlantainClient], Answer]) -> Answer:
        """Asks until there is an answer: a job that was taken is found again by its id, or by its key."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with self._stack.client() as plantain:
                    return question(plantain)
            except (httpx.TransportError, ServiceUnreachable) as error:
                if time.monotonic() > until:
                    raise Lost from error
                time.sleep(_PAUSE)


def _wait_until(is_so: Callable[[], bool], complaint: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(complaint)
        time.sleep(_PAUSE)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]
