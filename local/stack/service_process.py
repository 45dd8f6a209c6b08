"""Starts a service of the stack in a process of its own.

On Linux the process is forked from ``multiprocessing``'s fork server, which has the services' imports
already: they are most of what a start costs. Elsewhere some system libraries do not survive a fork, and each
service imports for itself.
"""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import runpy
import signal
import socket
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from local.stack.parent_watchdog import watch_parent

_CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
_PRELOADED = "local.stack.preloaded"
_FOR_SERVICES = frozenset({signal.SIGINT, signal.SIGTERM})
"""Signals that end services and the stack, each with grace. The fork server must outlive all of them."""


@dataclass(frozen=True)
class Service:
    """What a process of the stack runs.

    Attributes:
        module: runs as with ``python -m``.
        environment: all variables of the process.
        log: the file that its output is appended to.
        sockets: the module finds each one by a further argument ``--fd N``.
    """

    name: str
    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    sockets: Sequence[socket.socket] = field(default=())


class ServiceProcess:
    """A service that runs, in a session and a process group of its own."""

    def __init__(self, service: Service) -> None:
        """Starts the process, and returns once it has a number: the first one waits for the imports.

        Raises OSError and EOFError when the system has no room for another process.
        """
        _CONTEXT.set_forkserver_preload([_PRELOADED])
        theirs, self._lifeline = _CONTEXT.Pipe(duplex=False)
        # A daemon is ended when this process ends; others would be waited for.
        self._process: BaseProcess = _CONTEXT.Process(
            target=_run_service, args=(service, theirs), name=service.name, daemon=True
        )
        with theirs, _blocked(_FOR_SERVICES):
            self._process.start()
        if self._process.pid is None:
            raise OSError(f"{service.name} was started without a process number.")
        self.pid = self._process.pid

    @property
    def sentinel(self) -> int:
        """Returns the file descriptor that can be read once the process has ended."""
        return self._process.sentinel

    @property
    def returncode(self) -> int | None:
        """Returns the exit status, or minus the signal's number; None while the process runs."""
        return self._process.exitcode

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self._process.terminate()

    def kill_group(self) -> None:
        """Kills the process with everything that it started, also when it has ended already."""
        self._process.kill()  # it may not have its own group yet
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nothing is left

    def close(self) -> None:
        """Forgets a process that has ended."""
        self._lifeline.close()
        self._process.join()
        self._process.close()


def _run_service(service: Service, lifeline: Connection) -> None:
    """Turns the new process into the service."""
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FOR_SERVICES)
    watch_parent(os.dup(lifeline.fileno()))
    multiprocessing.current_process().daemon = False  # a worker has processes of its own
    _write_output_to(service.log)
    os.environ.clear()
    os.environ.update(service.environment)
    sockets = [argument for each in service.sockets for argument in ("--fd", str(each.detach()))]
    sys.argv = [service.module, *service.arguments, *sockets]
    try:
        runpy.run_module(service.module, run_name="__main__", alter_sys=True)
    finally:
        # multiprocessing ends a forked process without them, and telemetry is flushed by them.
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]


def _write_output_to(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=True)


@contextmanager
def _blocked(signals: frozenset[signal.Signals]) -> Generator[None]:
    """Blocks signals of this thread, and of what it starts meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
