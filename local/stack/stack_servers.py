"""The servers that the stack brings itself: the emulators, the span receiver and the Vertex AI endpoint."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from functools import partial
from urllib.parse import urlsplit

from functions.contract.errors import PlantainError
from local.data_folder import DataDirectory
from local.eventarc.bucket_notifications import BucketNotifications, PublishMessage, PubSubPublisher
from local.http_servers.api_keys import ApiKeys
from local.http_servers.ports import check_free, free_port, is_listening
from local.pubsub.server import PubSubServer
from local.stack.environment import stack_environment
from local.stack.fault_control import FaultyServer
from local.stack.stack_options import StackOptions
from local.storage.server import StorageServer
from local.vertex_emulator.prediction_container import PredictionContainer


class EmulatorUnreachable(PlantainError):
    """A server that the environment names does not answer."""

    code, title = "emulator_unreachable", "The emulator cannot be reached"
    remedy = "Start the server that the variable names, or unset the variable."


class StackServers:
    """Starts the servers, or takes those that the environment names.

    Attributes:
        servers: the servers of this stack, by name, for their faults.
        addresses: where each server answers, by name.
        environment: the variables by which any program reaches the stack.
        container: the container behind the Vertex AI endpoint; None where there is no endpoint.
    """

    def __init__(self, options: StackOptions, data: DataDirectory, keys: ApiKeys | None) -> None:
        self._options = options
        self._data = data
        self._keys = keys
        self.servers: dict[str, FaultyServer] = {}
        self._own_pubsub: PubSubServer | None = None
        self.addresses: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        self.container: PredictionContainer | None = None

    async def start(self, parts: AsyncExitStack) -> None:
        """Starts every server and registers its stop with ``parts``.

        Raises:
            PortTaken, DirectoryUnusable, EmulatorUnreachable
        """
        pubsub, storage = os.environ.get("PUBSUB_EMULATOR_HOST"), os.environ.get("STORAGE_EMULATOR_HOST")
        self._check_ports(pubsub, storage)
        pubsub = pubsub or await self._start_pubsub(parts)
        storage = storage or await self._start_storage(parts, pubsub)
        self.addresses |= {"storage": storage, "pubsub": pubsub}
        model, workers = self._options.model, self._options.workers
        self.environment = stack_environment(
            self._data, storage=storage, pubsub=pubsub, model=model, workers=workers
        )
        if self._options.traced:
            self.environment |= self._start_span_receiver(parts)
        if self._options.remote:
            self.environment |= await self._start_vertex(parts)

    @property
    def process_environment(self) -> dict[str, str]:
        """Returns ``environment`` as the stack's own processes get it: they reach its Pub/Sub directly."""
        if self._own_pubsub is None:
            return self.environment
        return {**self.environment, "PUBSUB_EMULATOR_HOST": self._own_pubsub.inner_address}

    def _check_ports(self, pubsub: str | None, storage: str | None) -> None:
        ports, host = self._options.ports, self._options.host
        if pubsub:
            _check_reachable("Pub/Sub", "PUBSUB_EMULATOR_HOST", f"//{pubsub}")
        else:
            check_free("pubsub", ports.pubsub, host)
        if storage:
            _check_reachable("Cloud Storage", "STORAGE_EMULATOR_HOST", storage)
        else:
            check_free("storage", ports.storage, host)

    async def _start_pubsub(self, parts: AsyncExitStack) -> str:
        ports, host = self._options.ports, self._options.host
        server = PubSubServer(self._data.pubsub, host, ports.pubsub, keys=self._keys)
        await server.start()
        parts.push_async_callback(server.stop)
        self.servers["pubsub"] = self._own_pubsub = server
        return server.address

    async def _start_storage(self, parts: AsyncExitStack, pubsub: str) -> str:
        notifications = BucketNotifications(self._event_publisher(parts, pubsub))
        ports, host = self._options.ports, self._options.host
        server = StorageServer(
            self._data.storage, notifications, host, ports.storage, keys=self._keys, only_configured=True
        )
        await server.start()
        parts.push_async_callback(server.stop)
        self.servers["storage"] = server
        return server.url

    def _event_publisher(self, parts: AsyncExitStack, pubsub: str) -> PublishMessage:
        """Returns what publishes the events of buckets: the stack's own Pub/Sub does it without a call."""
        if self._own_pubsub is not None:
            return self._own_pubsub.publish
        publisher = PubSubPublisher(pubsub)
        parts.push_async_callback(publisher.close)
        return publisher.publish

    def _start_span_receiver(self, parts: AsyncExitStack) -> dict[str, str]:
        """Starts the receiver first, so that it stops last: every other part sends spans to it."""
        from local.traces.received_spans import append_spans  # only a traced stack needs these
        from local.traces.span_receiver import SpanReceiver

        receiver = parts.enter_context(SpanReceiver(partial(append_spans, self._data.traces)).listening())
        self.addresses["traces"] = receiver.url
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_METRICS_EXPORTER": "none"}

    async def _start_vertex(self, parts: AsyncExitStack) -> dict[str, str]:
        """Starts the endpoint with a deployed model; its container is started with the workers."""
        from local.vertex_emulator.endpoint_environment import endpoint_name, vertex_environment
        from local.vertex_emulator.server import VertexServer

        project = self.environment["PLANTAIN_PROJECT"]
        self.container = PredictionContainer(free_port())
        server = VertexServer(self._data.run / "vertex", self.container)
        await server.start()
        parts.push_async_callback(server.stop)
        server.deploy(endpoint_name(project))
        self.servers["vertex"], self.addresses["vertex"] = server, server.url
        return vertex_environment(server, project, self._options.remote)


def _check_reachable(name: str, variable: str, address: str) -> None:
    try:
        url = urlsplit(address)
        listens = is_listening(url.hostname or "", url.port or 80)
    except ValueError:  # the port or the IPv6 address is not valid
        listens = False
    if not listens:
        raise EmulatorUnreachable(
            f"{variable} is set, but no {name} answers there. Start it, or unset {variable}."
        )
