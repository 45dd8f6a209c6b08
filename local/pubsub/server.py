"""The embedded Pub/Sub server: binds the port, and starts and stops all that stands behind it."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grpc import aio

from local.http_servers.api_keys import ApiKeys, KeyGuard, KeyInterceptor
from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.errors import PortTaken
from local.http_servers.listening import open_listener, reachable_address
from local.pubsub import grpc_handlers
from local.pubsub.broker import Broker
from local.pubsub.errors import ServerUnavailable
from local.pubsub.faults import PubSubFaults
from local.pubsub.group_commit import GroupCommitter
from local.pubsub.journal import Journal
from local.pubsub.port_multiplexer import PortMultiplexer
from local.pubsub.protobufs import Proto
from local.pubsub.publisher_service import PublisherService
from local.pubsub.push_consumers import PushConsumers
from local.pubsub.rest_api import RestApi
from local.pubsub.subscriber_service import SubscriberService

GRACE_SECONDS = 2
OPTIONS = [
    # Somewhat more than the service takes, so that what is too large gets a proper answer.
    ("grpc.max_receive_message_length", 32 << 20),
    ("grpc.max_send_message_length", -1),
    # Google's clients ping every 30 s; by default a server takes that for abuse and hangs up quiet streams.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
]
SCHEMA_METHODS = (
    "CreateSchema GetSchema ListSchemas ListSchemaRevisions CommitSchema RollbackSchema DeleteSchemaRevision"
    " DeleteSchema ValidateSchema ValidateMessage"
)


class PubSubServer:
    """Serves google.pubsub.v1 in the running event loop, to clients that have ``PUBSUB_EMULATOR_HOST`` set.

    Args:
        directory: keeps messages across restarts; None keeps them in memory.
        host: the address to listen on.
        port: 0 takes a free one; :attr:`port` is the one taken.
        faults: the faults that are switched on; :meth:`set_faults` changes them at any time.
        keys: the keys that callers from other machines must send; None asks for none.
    """

    def __init__(
        self,
        directory: Path | None,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: PubSubFaults | None = None,
        keys: ApiKeys | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._keys = keys
        self._directory = directory
        self._faults = faults or PubSubFaults()
        self._running: PubSubProcesses | None = None

    @property
    def faults(self) -> PubSubFaults:
        """Returns the faults that are switched on; their fields may be set while the server runs."""
        return self._faults

    @property
    def broker(self) -> Broker:
        """Returns what the running server keeps. Raises RuntimeError before the start."""
        if self._running is None:
            raise RuntimeError("The server does not run.")
        return self._running.broker

    @property
    def operations(self) -> Mapping[str, int]:
        """Returns how many messages were published and delivered since the start."""
        return self._running.broker.operations if self._running else {}

    def set_faults(self, faults: PubSubFaults) -> None:
        """Replaces the faults; their random sequences start again."""
        self._faults = faults
        if self._running:
            self._running.broker.faults = faults

    @property
    def address(self) -> str:
        """Returns the value of PUBSUB_EMULATOR_HOST."""
        return f"{reachable_address(self.host)}:{self.port}"

    @property
    def inner_address(self) -> str:
        """Returns a value of PUBSUB_EMULATOR_HOST for gRPC clients of this machine and user.

        It leads past the front, which hands on each byte. It changes with each start. Raises RuntimeError
        before the start.
        """
        if self._running is None:
            raise RuntimeError("The server does not run.")
        return self._running.inner_address

    async def publish(self, topic: str, message: Proto) -> None:
        """Publishes a PubsubMessage of this process, and returns when it survives a kill.

        Faults do not strike it: no client has called.

        Raises:
            ResourceNotFound: there is no topic of this path.
            ServerUnavailable: it cannot be written, or the server does not run.
        """
        if self._running is None:
            raise ServerUnavailable("The server does not run.")
        self._running.broker.publish(topic, [message])
        await self._running.committer.wait_flushed()

    async def start(self) -> None:
        """Answers from now on.

        Raises:
            PortTaken: another process listens there.
            DirectoryUnusable: another server uses the directory, or it cannot be written.
        """
        journal = Journal(self._directory)
        try:
            listener = open_listener(self.host, self.port, "Pub/Sub")
        except PortTaken:
            journal.close()
            raise
        self.port = listener.getsockname()[1]
        self._running = running = PubSubProcesses(listener, journal, self._faults, self._keys)
        await running.start()

    async def stop(self) -> None:
        """Ends streams so that clients reconnect elsewhere, lets calls finish, and writes what is left."""
        if self._running:
            running, self._running = self._running, None
            await running.stop()


class PubSubProcesses:
    """The parts of a server between its start and its stop.

    gRPC cannot share a port with HTTP/1: its servers listen on sockets in a directory of their own, and the
    front hands their connections on. One is for this machine, the other for callers who need a key.
    """

    def __init__(
        self, listener: socket.socket, journal: Journal, faults: PubSubFaults, keys: ApiKeys | None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.broker = Broker(journal, faults, clock=self._loop.time, wake=self._wake)
        self.committer = GroupCommitter(journal)
        self.pushes = PushConsumers(self.broker)
        self._sockets = tempfile.TemporaryDirectory(prefix="plantain-pubsub-")
        publisher = PublisherService(self.broker, self.committer)
        subscriber = SubscriberService(self.broker, self.committer)
        handlers = (
            publisher.grpc_handler(),
            subscriber.grpc_handler(),
            grpc_handlers.unsupported_service("SchemaService", SCHEMA_METHODS.split()),
        )
        self._servers = {
            is_local: _grpc_server(handlers, self._socket(is_local), None if is_local else keys)
            for is_local in ((True, False) if keys else (True,))
        }
        api = RestApi({**publisher.rpc_methods(), **subscriber.rpc_methods()}, self.broker)
        self._front = PortMultiplexer(listener, self._backend, KeyGuard(AsgiGuard(api), keys))

    async def start(self) -> None:
        self.pushes.start()
        for server in self._servers.values():
            await server.start()
        await self._front.start()

    async def stop(self) -> None:
        await self.pushes.stop()
        for subscription in self.broker.all_subscriptions():
            subscription.end(ServerUnavailable("The server is shutting down."))
        await asyncio.gather(*(server.stop(GRACE_SECONDS) for server in self._servers.values()))
        await self._front.stop()
        if self._timer:
            self._timer.cancel()
        await self.committer.stop()
        self._sockets.cleanup()

    @property
    def inner_address(self) -> str:
        return f"unix:{self._socket(is_local=True)}"

    def _backend(self, is_local: bool) -> Path:
        return self._socket(is_local or len(self._servers) == 1)

    def _socket(self, is_local: bool) -> Path:
        return Path(self._sockets.name) / ("local" if is_local else "others")

    def _wake(self, when: float) -> None:
        if self._timer and self._timer.when() <= when:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.broker.tick()


def _grpc_server(handlers: tuple[Any, ...], path: Path, keys: ApiKeys | None) -> aio.Server:
    interceptors = [KeyInterceptor(keys)] if keys else []
    server = aio.server(options=OPTIONS, interceptors=interceptors)
    server.add_generic_rpc_handlers(handlers)
    server.add_insecure_port(f"unix:{path}")
    return server
