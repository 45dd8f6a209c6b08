"""The whole of Plantain on one machine: emulators, functions, bridge, workers and the sweep's timer, started
in that order and stopped in the other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from google.api_core.exceptions import GoogleAPICallError, RetryError

from functions.contract.errors import PlantainError
from functions.contract.settings import Settings
from local.eventarc.bucket_notifications import BucketNotifications
from local.http_servers.api_keys import ApiKeys, check_host
from local.http_servers.listening import reachable_address
from local.pubsub.server import PubSubServer
from local.stack import fault_control, topology
from local.stack.capacity import EVENT_FUNCTIONS
from local.stack.data_folder import DEFAULT, DataDirectory
from local.stack.environment import stack_environment
from local.stack.fault_control import ControlServer, FaultyServer
from local.stack.ports import ANY, HOST, StackPorts, check_free, free_port, is_listening, open_stack_listener
from local.stack.subprocess_supervisor import Say, SupervisedProcess
from local.storage.server import StorageServer
from local.vertex_emulator.prediction_container import PredictionContainer

GRACE_SECONDS = 20
SWEEP_SECONDS = 15


class EmulatorUnreachable(PlantainError):
    """A server that the environment names does not answer."""

    code, title = "emulator_unreachable", "The emulator cannot be reached"
    remedy = "Start the server that the variable names, or unset the variable."


@dataclass(frozen=True)
class StackOptions:
    data: Path = DEFAULT
    ports: StackPorts = field(default_factory=StackPorts)
    host: str = HOST  # where the API and the emulators listen; the rest is for this machine alone
    workers: int = 1
    model: str | None = None
    traced: bool = False  # whether the stack keeps its own spans, in ``data.traces``
    exactly_once: bool = True  # the worker's subscription; without it, messages may come twice
    remote: tuple[str, ...] = ()  # models whose jobs go to a Vertex AI endpoint, here on this machine
    faults: dict[str, dict[str, float]] = field(default_factory=dict)


class Stack:
    """Use it as ``async with Stack.running(options, say) as stack``."""

    def __init__(self, options: StackOptions, data: DataDirectory, say: Say) -> None:
        self.options = options
        self.data = data
        self.say = say
        self.servers: dict[str, FaultyServer] = {}
        self.children: list[SupervisedProcess] = []
        self.addresses: dict[str, str] = {}
        self._environment: dict[str, str] = {}
        self._container: PredictionContainer | None = None  # of the remote lane, where there is one
        self._keys = ApiKeys.from_environment()
        self._is_recorded = False  # whether stack.json says what runs; from then on it is kept true

    @classmethod
    @asynccontextmanager
    async def running(cls, options: StackOptions, say: Say) -> AsyncGenerator[Stack]:
        """The stack from when everything is started until it is left.

        Raises:
            PortTaken, DataInUse: before anything is started.
            InvalidRequest: it would listen where others reach it, and there are no keys.
            ChildFailed: the functions do not start.
            EmulatorUnreachable: a server that the environment names does not answer.
        """
        data = DataDirectory(options.data)
        async with AsyncExitStack() as parts:
            parts.enter_context(data.taken())
            stack = cls(options, data, say)
            await stack._start(parts)
            yield stack

    @property
    def workers(self) -> list[SupervisedProcess]:
        return [child for child in self.children if child.name.startswith("worker")]

    async def warm(self) -> None:
        """Until every worker was ready once. Raises ChildFailed."""
        await asyncio.gather(*(worker.wait_ready() for worker in self.workers))

    def status(self) -> dict[str, Any]:
        """What runs where; what ``stack.json`` and the control endpoint say."""
        processes = [
            {"name": child.name, "pid": child.pid, "ready": child.is_ready, "restarts": child.restarts}
            for child in self.children
        ]
        return {
            "pid": os.getpid(),
            **self.addresses,
            "data": str(self.data.path),
            "environment": {
                name: value
                for name, value in self._environment.items()
                if name.endswith(("_EMULATOR_HOST", "_BUCKET", "_PROJECT")) or name == "PLANTAIN_PROFILE"
            },
            "processes": processes,
        }

    async def _start(self, parts: AsyncExitStack) -> None:
        check_host(self.options.host, self._keys)
        listener = open_stack_listener("api", self.options.ports.api, self.options.host)
        parts.callback(listener.close)
        event_listener = open_stack_listener("events", ANY)
        parts.callback(event_listener.close)
        await self._start_servers(parts)
        settings = Settings.from_environment(self._environment)
        await self._make_topology(settings)
        fault_control.set_faults(self.servers, self.options.faults)
        self.addresses["api"] = f"http://{reachable_address(self.options.host)}:{listener.getsockname()[1]}"
        self.addresses["events"] = f"http://{HOST}:{event_listener.getsockname()[1]}"
        await self._start_children(parts, listener.fileno(), event_listener.fileno())
        await self._start_control(parts)
        self._is_recorded = True
        self._record()
        parts.callback(self._forget)

    def _record(self) -> None:
        """Writes what runs now: processes that were started again have other ids."""
        if self._is_recorded:
            self.data.write_state(self.status())

    def _forget(self) -> None:
        self._is_recorded = False
        self.data.remove_state()

    async def _start_servers(self, parts: AsyncExitStack) -> None:
        pubsub, storage = os.environ.get("PUBSUB_EMULATOR_HOST"), os.environ.get("STORAGE_EMULATOR_HOST")
        self._check_ports(pubsub, storage)
        pubsub = pubsub or await self._start_pubsub(parts)
        storage = storage or await self._start_storage(parts, pubsub)
        self.addresses |= {"storage": storage, "pubsub": pubsub}
        self._environment = stack_environment(
            self.data, storage=storage, pubsub=pubsub, model=self.options.model, workers=self.options.workers
        )
        if self.options.traced:
            self._environment |= self._start_receiver(parts)
        if self.options.remote:
            self._environment |= await self._start_vertex(parts)

    def _start_receiver(self, parts: AsyncExitStack) -> dict[str, str]:
        """Hears the stack's spans. It listens longer than anybody of the stack speaks."""
        from local.traces.received_spans import append_spans
        from local.traces.span_receiver import SpanReceiver  # which no other stack needs

        receiver = parts.enter_context(SpanReceiver(partial(append_spans, self.data.traces)).listening())
        self.addresses["traces"] = receiver.url
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_METRICS_EXPORTER": "none"}

    async def _start_vertex(self, parts: AsyncExitStack) -> dict[str, str]:
        """The endpoint, with a model on it whose container is started with the workers."""
        from local.vertex_emulator.endpoint_environment import (  # which no other stack needs
            endpoint_name,
            vertex_environment,
        )
        from local.vertex_emulator.server import VertexServer

        project = self._environment["PLANTAIN_PROJECT"]
        self._container = PredictionContainer(free_port())
        server = VertexServer(self.data.run / "vertex", self._container)
        await server.start()
        parts.push_async_callback(server.stop)
        server.deploy(endpoint_name(project))
        self.servers["vertex"], self.addresses["vertex"] = server, server.url
        return vertex_environment(server, project, self.options.remote)

    def _check_ports(self, pubsub: str | None, storage: str | None) -> None:
        if pubsub:
            _check_reachable("Pub/Sub", "PUBSUB_EMULATOR_HOST", f"//{pubsub}")
        else:
            check_free("pubsub", self.options.ports.pubsub, self.options.host)
        if storage:
            _check_reachable("Cloud Storage", "STORAGE_EMULATOR_HOST", storage)
        else:
            check_free("storage", self.options.ports.storage, self.options.host)

    async def _start_pubsub(self, parts: AsyncExitStack) -> str:
        ports, host = self.options.ports, self.options.host
        server = PubSubServer(self.data.pubsub, host, ports.pubsub, keys=self._keys)
        await server.start()
        parts.push_async_callback(server.stop)
        self.servers["pubsub"] = server
        return server.address

    async def _start_storage(self, parts: AsyncExitStack, pubsub: str) -> str:
        notifications = BucketNotifications(pubsub)
        parts.push_async_callback(notifications.close)
        ports, host = self.options.ports, self.options.host
        server = StorageServer(self.data.storage, notifications, host, ports.storage, keys=self._keys)
        await server.start()
        parts.push_async_callback(server.stop)
        self.servers["storage"] = server
        return server.url

    async def _make_topology(self, settings: Settings) -> None:
        """Google's clients read where the emulators are from this process's own environment."""
        os.environ |= {
            name: self._environment[name] for name in ("STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")
        }
        make = partial(topology.make_topology, settings, exactly_once=self.options.exactly_once)
        try:
            silent = await asyncio.to_thread(make)
        except (GoogleAPICallError, RetryError, OSError) as error:
            raise EmulatorUnreachable(
                f"{self.addresses['storage']} (Cloud Storage) or {self.addresses['pubsub']} (Pub/Sub)"
                f" does not answer as it should: {error}"
            ) from error
        for bucket in silent:
            self.say(f"{bucket} does not tell of its objects: this Cloud Storage knows no notifications")

    async def _start_children(self, parts: AsyncExitStack, api_socket: int, event_socket: int) -> None:
        api = self._functions("functions-api", api_socket, "api")
        events = self._functions("functions-events", event_socket, *EVENT_FUNCTIONS)
        bridge = self._child("bridge", "local.eventarc.bridge", "--functions", self.addresses["events"])
        workers = [self._child(f"worker-{n}", "worker") for n in range(1, self.options.workers + 1)]
        if self._container:
            told = self._container.environment
            workers.append(self._child("worker-remote", "worker.serve", environment=told))
        self.children = [api, events, bridge, *workers]
        parts.push_async_callback(self._stop_children)
        for child in self.children:
            child.start()
        await asyncio.gather(api.wait_ready(), events.wait_ready(), bridge.wait_ready())
        sweep = asyncio.create_task(_call_sweep_regularly(self.addresses["events"]))
        parts.callback(sweep.cancel)

    async def _stop_children(self) -> None:
        """Workers first: what they finish still goes through the bridge and the functions."""
        api, events, bridge, *workers = self.children
        await asyncio.gather(*(worker.stop(GRACE_SECONDS) for worker in workers))
        await bridge.stop(GRACE_SECONDS)
        await asyncio.gather(api.stop(GRACE_SECONDS), events.stop(GRACE_SECONDS))

    def _functions(self, name: str, listener: int, *functions: str) -> SupervisedProcess:
        return self._child(
            name, "local.stack.functions_host", "--fd", str(listener), *functions, fds=(listener,)
        )

    def _child(
        self,
        name: str,
        module: str,
        *arguments: str,
        fds: tuple[int, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> SupervisedProcess:
        return SupervisedProcess(
            name,
            module,
            *arguments,
            environment={**self._environment, **(environment or {})},
            log=self.data.logs / f"{name}.log",
            ready=self.data.run / f"{name}.ready",
            fds=fds,
            say=self.say,
            on_change=self._record,
        )

    async def _start_control(self, parts: AsyncExitStack) -> None:
        endpoint = ControlServer(self.servers, self.status)
        await endpoint.start()
        parts.push_async_callback(endpoint.stop)
        self.addresses["control"] = endpoint.url


def _check_reachable(name: str, variable: str, address: str) -> None:
    try:
        url = urlsplit(address)
        listens = is_listening(url.hostname or "", url.port or 80)
    except ValueError:  # a port, or an IPv6 address, that is none
        listens = False
    if not listens:
        raise EmulatorUnreachable(
            f"{variable} is set, but no {name} answers there. Start it, or unset {variable}."
        )


async def _call_sweep_regularly(functions: str) -> None:
    """Cloud Scheduler's part."""
    async with httpx.AsyncClient(timeout=SWEEP_SECONDS) as http:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await http.post(f"{functions}/_functions/sweep")
            except httpx.HTTPError:
                continue  # the functions are being restarted, or busy; the next one does it
