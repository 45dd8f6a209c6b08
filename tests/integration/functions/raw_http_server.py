"""The API behind a real gunicorn: as functions-framework starts it in the cloud, and as the laptop does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

from local.capacity import CONCURRENCY
from local.http_servers.ports import HOST, free_port, is_listening, open_stack_listener
from local.stack.service_process import Service, ServiceProcess
from tests.eventually import eventually
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.servers import Servers

ROOT = Path(__file__).parents[3]
STOP_SECONDS = 60


@dataclass(frozen=True)
class RawAnswer:
    """What a client that speaks bare HTTP got back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, object]:
        return json.loads(self.body)


@dataclass(frozen=True)
class HttpServer:
    port: int
    log: Path
    pid: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def send(self, data: bytes, *, then_close: bool = False) -> RawAnswer:
        """Sends bytes as they are and reads one answer. ``then_close``: says that nothing follows."""
        with socket.create_connection((HOST, self.port), timeout=60) as connection:
            with suppress(ConnectionError):  # it may have answered, and closed, before it read everything
                connection.sendall(data)
            if then_close:
                connection.shutdown(socket.SHUT_WR)
            return _answer_on(connection)


def _answer_on(connection: socket.socket) -> RawAnswer:
    with connection.makefile("rb") as stream:
        line = stream.readline()
        while line.startswith(b"HTTP/1.1 100"):
            stream.readline()
            line = stream.readline()
        headers: dict[str, str] = {}
        while text := stream.readline().decode("latin-1").strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
    return RawAnswer(int(line.split()[1]), headers, body)


def environment_of(deployment: Deployment, servers: Servers) -> dict[str, str]:
    fields = deployment.settings.model_dump(exclude_defaults=True, mode="json")
    settings = {
        f"PLANTAIN_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    return {**os.environ, **settings, **servers.environment}


@contextmanager
def framework_server(
    environment: dict[str, str], target: str, log: Path, threads: int | None = None
) -> Generator[HttpServer]:
    """functions-framework's own command, with the cloud's number of threads or another."""
    port = free_port()
    command = ["-m", "functions_framework", "--source", "functions/main.py", "--target", target]
    command += ["--host", HOST, "--port", str(port)]
    told = {**environment, "THREADS": str(threads or CONCURRENCY[target])}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**told, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=output,
        )
    try:
        eventually(lambda: is_listening(HOST, port), "functions-framework")
        yield HttpServer(port, log, process.pid)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


@contextmanager
def laptop_server(environment: dict[str, str], target: str, log: Path) -> Generator[HttpServer]:
    """The laptop's host of functions on a socket of ours, forked as the stack does it."""
    with open_stack_listener("any", 0) as listener:
        service = Service("any", "local.stack.functions_host", [target], environment, log, [listener])
        process = ServiceProcess(service)
        try:
            yield HttpServer(int(listener.getsockname()[1]), log, process.pid)
        finally:
            process.terminate()
            wait([process.sentinel], STOP_SECONDS)
            process.kill_group()
            process.close()
