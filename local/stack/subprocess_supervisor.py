"""A process of the stack: it ends with the stack, is restarted when it dies, and is stopped with grace."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from functions.contract.errors import PlantainError
from local.stack.service_process import Service, ServiceProcess

FIRST_DELAY, LONGEST_DELAY = 0.25, 10.0  # seconds before a process that died is started again
SETTLED = 5.0  # seconds after which a death is no longer counted with the one before
STILLBORN = 3  # deaths before the first readiness that end the stack
_GLANCE = 0.05  # seconds between looks at the ready file

Say = Callable[[str], None]


class ProcessFailed(PlantainError):
    """A process of the stack does not start."""

    code, title = "process_failed", "A process of the stack does not start"
    remedy = "Read the log that the message names."


def _ignore_change() -> None:
    """Ignores the change."""


class SupervisedProcess:
    """``python -m module``, which reports that it is ready by touching the file named in
    PLANTAIN_READY_FILE.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        log: Path,
        ready: Path,
        sockets: Sequence[socket.socket] = (),
        say: Say,
        on_change: Callable[[], None] = _ignore_change,
    ) -> None:
        """Calls ``on_change`` when the process is started, becomes ready, or dies."""
        self.name = name
        self.log = log
        self.restarts = 0
        self._ready = ready
        variables = {**environment, "PLANTAIN_READY_FILE": str(ready)}
        self._service = Service(name, module, arguments, variables, log, sockets)
        self._say = say
        self._on_change = on_change
        self._process: ServiceProcess | None = None
        self._stopping = asyncio.Event()
        self._is_ready = False
        self._was_ready = asyncio.Event()
        self._supervision: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_ready(self) -> bool:
        return self._is_ready

    def start(self) -> None:
        """Starts the process and its supervision. The previous log is kept beside the new one."""
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        self._supervision = asyncio.create_task(self._keep_running(), name=self.name)

    async def wait_ready(self) -> None:
        """Returns once the process was ready. Raises ProcessFailed when it dies each time before that."""
        ready = asyncio.create_task(self._was_ready.wait())
        supervision = (self._supervision,) if self._supervision else ()
        await asyncio.wait((ready, *supervision), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        for ended in supervision:
            if ended.done():
                ended.result()

    async def stop(self, grace: float) -> None:
        """Sends SIGTERM, waits ``grace`` seconds, and kills the process with everything that it started."""
        self._stopping.set()
        self._send_sigterm()
        if self._supervision:
            await asyncio.wait((self._supervision,), timeout=grace)
            self._kill_group()
            await asyncio.wait((self._supervision,))

    async def _keep_running(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            process = await self._start_process()
            if self._stopping.is_set():  # asked to stop while it was being started
                self._send_sigterm()
            status = await self._wait_until_ended(process)
            if self._stopping.is_set():
                return
            deaths = deaths + 1 if time.monotonic() - began < SETTLED else 1
            if deaths >= STILLBORN and not self._was_ready.is_set():
                raise ProcessFailed(f"{self.name} stops as soon as it starts: see {self.log}")
            await self._back_off(status, deaths)

    async def _start_process(self) -> ServiceProcess:
        self._ready.unlink(missing_ok=True)
        self._process = await asyncio.to_thread(ServiceProcess, self._service)
        return self._process

    async def _wait_until_ended(self, process: ServiceProcess) -> int:
        """Returns the status of the process when it has ended; the rest of its process group is killed."""
        self._on_change()
        ended = asyncio.create_task(_wait_for_end(process))
        ready = False
        while not ended.done() and not ready:
            await asyncio.wait((ended,), timeout=_GLANCE)
            ready = self._ready.exists()
        if ready:
            self._is_ready = True
            self._was_ready.set()
            self._on_change()
        status = await ended
        process.kill_group()
        process.close()
        self._process, self._is_ready = None, False
        self._on_change()
        return status

    async def _back_off(self, status: int, deaths: int) -> None:
        delay = min(FIRST_DELAY * 2 ** (deaths - 1), LONGEST_DELAY)
        self._say(f"{self.name} {_describe_exit(status)}; it starts again in {delay:g} s (see {self.log})")
        self.restarts += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay)

    def _send_sigterm(self) -> None:
        if self._process:
            self._process.terminate()

    def _kill_group(self) -> None:
        if self._process:
            self._process.kill_group()


async def _wait_for_end(process: ServiceProcess) -> int:
    """Returns the exit status of the process once it has ended."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
    return process.returncode or 0


def _describe_exit(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
