"""The whole of Plantain on one machine.

Emulators, functions, event bridge, workers and the sweep's timer start in this order and stop in the reverse
one.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from google.api_core.exceptions import GoogleAPICallError, RetryError

from functions.contract.settings import Settings
from local import topology
from local.data_folder import DataDirectory
from local.http_servers.api_keys import ApiKeys, check_host
from local.http_servers.listening import reachable_address
from local.http_servers.ports import ANY, HOST, open_stack_listener
from local.stack import fault_control
from local.stack.fault_control import ControlServer
from local.stack.stack_options import StackOptions
from local.stack.stack_processes import StackProcesses
from local.stack.stack_servers import EmulatorUnreachable, StackServers
from local.stack.subprocess_supervisor import Say, SupervisedProcess
from local.stack.sweep_timer import call_sweep_regularly


class Stack:
    """Use it as ``async with Stack.running(options, say) as stack``."""

    def __init__(self, options: StackOptions, data: DataDirectory, say: Say) -> None:
        self.options = options
        self.data = data
        self.say = say
        self._keys = ApiKeys.from_environment()
        self._own = StackServers(options, data, self._keys)
        self._processes: StackProcesses | None = None
        self._is_recorded = False  # True while stack.json says what runs; then every change is written

    @classmethod
    @asynccontextmanager
    async def running(cls, options: StackOptions, say: Say) -> AsyncGenerator[Stack]:
        """Starts everything, yields the stack, and stops everything when the block is left.

        Raises:
            PortTaken, DataInUse: before anything is started.
            InvalidRequest: the stack would listen where other machines reach it, and there are no keys.
            ProcessFailed: the functions do not start.
            EmulatorUnreachable: a server that the environment names does not answer.
        """
        data = DataDirectory(options.data)
        async with AsyncExitStack() as parts:
            parts.enter_context(data.locked())
            stack = cls(options, data, say)
            await stack._start_all(parts)
            yield stack

    @property
    def servers(self) -> dict[str, fault_control.FaultyServer]:
        """Returns the stack's own servers by name."""
        return self._own.servers

    @property
    def addresses(self) -> dict[str, str]:
        """Returns where each part answers, by name."""
        return self._own.addresses

    @property
    def processes(self) -> list[SupervisedProcess]:
        """Returns every process of the stack; the first one is the API."""
        return self._processes.all if self._processes else []

    async def wait_warm(self) -> None:
        """Returns once every worker was ready once. Raises ProcessFailed."""
        if self._processes:
            await asyncio.gather(*(worker.wait_ready() for worker in self._processes.workers))

    def status(self) -> dict[str, Any]:
        """Returns what runs where, as ``stack.json`` and the control endpoint say it."""
        processes = [
            {
                "name": process.name,
                "pid": process.pid,
                "ready": process.is_ready,
                "restarts": process.restarts,
            }
            for process in self.processes
        ]
        return {
            "pid": os.getpid(),
            **self.addresses,
            "data": str(self.data.path),
            "environment": {
                name: value
                for name, value in self._own.environment.items()
                if name.endswith(("_EMULATOR_HOST", "_BUCKET", "_PROJECT")) or name == "PLANTAIN_PROFILE"
            },
            "processes": processes,
        }

    async def _start_all(self, parts: AsyncExitStack) -> None:
        check_host(self.options.host, self._keys)
        listener = open_stack_listener("api", self.options.ports.api, self.options.host)
        parts.callback(listener.close)
        event_listener = open_stack_listener("events", ANY)
        parts.callback(event_listener.close)
        await self._own.start(parts)
        await self._make_topology(Settings.from_environment(self._own.environment))
        fault_control.set_faults(self.servers, self.options.faults)
        self.addresses["api"] = f"http://{reachable_address(self.options.host)}:{listener.getsockname()[1]}"
        self.addresses["events"] = f"http://{HOST}:{event_listener.getsockname()[1]}"
        await self._start_processes(parts, listener, event_listener)
        await self._start_control(parts)
        self._is_recorded = True
        self._write_state()
        parts.callback(self._remove_state)

    async def _start_processes(
        self, parts: AsyncExitStack, api_socket: socket.socket, event_socket: socket.socket
    ) -> None:
        processes = StackProcesses(self.data, self._own.process_environment, self.say, self._write_state)
        self._processes = processes
        parts.push_async_callback(processes.stop)
        events = self.addresses["events"]
        await processes.start(api_socket, event_socket, events, self.options.workers, self._own.container)
        sweep = asyncio.create_task(call_sweep_regularly(events))
        parts.callback(sweep.cancel)

    async def _start_control(self, parts: AsyncExitStack) -> None:
        endpoint = ControlServer(self.servers, self.status)
        await endpoint.start()
        parts.push_async_callback(endpoint.stop)
        self.addresses["control"] = endpoint.url

    async def _make_topology(self, settings: Settings) -> None:
        """Creates the topology with Google's clients, which read this process's own environment."""
        names = ("STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")
        os.environ |= {name: self._own.environment[name] for name in names}
        make = partial(topology.make_topology, settings, exactly_once=self.options.exactly_once)
        try:
            silent = await asyncio.to_thread(make)
        except (GoogleAPICallError, RetryError, OSError) as error:
            raise EmulatorUnreachable(
                f"{self.addresses['storage']} (Cloud Storage) or {self.addresses['pubsub']} (Pub/Sub)"
                f" does not answer as it should: {error}"
            ) from error
        for bucket in silent:
            self.say(f"{bucket} sends no notifications: this Cloud Storage does not support them")

    def _write_state(self) -> None:
        """Writes what runs now: a restarted process has another id."""
        if self._is_recorded:
            self.data.write_state(self.status())

    def _remove_state(self) -> None:
        self._is_recorded = False
        self.data.remove_state()
