"""The processes of the stack: functions, event bridge and workers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping

from local.capacity import EVENT_FUNCTIONS
from local.data_folder import DataDirectory
from local.stack.subprocess_supervisor import Say, SupervisedProcess
from local.vertex_emulator.prediction_container import PredictionContainer

GRACE_SECONDS = 20


class StackProcesses:
    """Starts the processes in order and stops them in the reverse order.

    Args:
        environment: the variables of every process.
        on_change: is called whenever a process starts, becomes ready or ends.
    """

    def __init__(
        self, data: DataDirectory, environment: Mapping[str, str], say: Say, on_change: Callable[[], None]
    ) -> None:
        self._data = data
        self._environment = environment
        self._say = say
        self._on_change = on_change
        self.all: list[SupervisedProcess] = []

    @property
    def workers(self) -> list[SupervisedProcess]:
        """Returns the workers, that of the Vertex AI endpoint included."""
        return [process for process in self.all if process.name.startswith("worker")]

    async def start(
        self,
        api_socket: socket.socket,
        event_socket: socket.socket,
        events_url: str,
        workers: int,
        container: PredictionContainer | None,
    ) -> None:
        """Starts every process and returns once all but the workers are ready.

        Args:
            api_socket: the socket that the API listens on.
            event_socket: that of the event functions, which answer at ``events_url``.
            workers: how many workers pull jobs.
            container: where the worker behind the Vertex AI endpoint listens; None starts none.

        Raises:
            ProcessFailed: the functions do not start.
        """
        api = self._functions("functions-api", api_socket, "api")
        events = self._functions("functions-events", event_socket, *EVENT_FUNCTIONS)
        bridge = self._process("bridge", "local.eventarc.bridge", "--functions", events_url)
        self.all = [api, events, bridge]
        self.all += [self._process(f"worker-{n}", "worker") for n in range(1, workers + 1)]
        if container:
            serve = self._process(
                "worker-remote", "worker.vertex_container", environment=container.environment
            )
            self.all.append(serve)
        for process in self.all:
            process.start()
        await asyncio.gather(api.wait_ready(), events.wait_ready(), bridge.wait_ready())

    async def stop(self) -> None:
        """Stops the workers first: what they finish still passes the bridge and the functions."""
        if not self.all:
            return
        api, events, bridge, *workers = self.all
        await asyncio.gather(*(worker.stop(GRACE_SECONDS) for worker in workers))
        await bridge.stop(GRACE_SECONDS)
        await asyncio.gather(api.stop(GRACE_SECONDS), events.stop(GRACE_SECONDS))

    def _functions(self, name: str, listener: socket.socket, *functions: str) -> SupervisedProcess:
        return self._process(name, "local.stack.functions_host", *functions, sockets=(listener,))

    def _process(
        self,
        name: str,
        module: str,
        *arguments: str,
        sockets: tuple[socket.socket, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> SupervisedProcess:
        return SupervisedProcess(
            name,
            module,
            *arguments,
            environment={**self._environment, **(environment or {})},
            log=self._data.logs / f"{name}.log",
            ready=self._data.run / f"{name}.ready",
            sockets=sockets,
            say=self._say,
            on_change=self._on_change,
        )
