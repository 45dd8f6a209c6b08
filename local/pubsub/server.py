"""The embedded Pub/Sub server: binds the port, and starts and stops all that stands behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from grpc import aio

from ..errors import PortTaken
from .broker import Broker
from .committer import Committer
from .errors import Unavailable
from .faults import Faults
from .journal import Journal
from .publisher import Publisher
from .push_fleet import PushFleet
from .subscriber import Subscriber

GRACE_SECONDS = 2
OPTIONS = [
    # With it, which is the default, a second server would share the port and get half of the calls.
    ("grpc.so_reuseport", 0),
    # Somewhat more than the service takes, so that what is too large gets a proper answer.
    ("grpc.max_receive_message_length", 32 << 20),
    ("grpc.max_send_message_length", -1),
    # Google's clients ping every 30 s; by default a server takes that for abuse and hangs up quiet streams.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
]


class PubSubServer:
    """google.pubsub.v1 for clients that have ``PUBSUB_EMULATOR_HOST`` set. Lives in the running event loop.

    Args:
        directory: where messages survive a restart; None keeps them in memory.
        host: the address to listen on.
        port: 0 takes a free one; :attr:`port` tells which.
        faults: what goes wrong on purpose; may be changed at any time through :meth:`set_faults`.
    """

    def __init__(
        self, directory: Path | None, host: str = "127.0.0.1", port: int = 0, faults: Faults | None = None
    ) -> None:
        self.host = host
        self.port = port
        self._directory = directory
        self._faults = faults or Faults()
        self._running: Running | None = None

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose; its fields may be set while the server runs."""
        return self._faults

    def set_faults(self, faults: Faults) -> None:
        """What goes wrong from now on; the sequences of chance start anew."""
        self._faults = faults
        if self._running:
            self._running.broker.faults = faults

    @property
    def address(self) -> str:
        """The value for PUBSUB_EMULATOR_HOST."""
        return f"{self.host}:{self.port}"

    async def start(self) -> None:
        """Answers from now on.

        Raises:
            PortTaken: another process listens there.
            DirectoryUnusable: another server uses the directory, or it cannot be written.
        """
        server = aio.server(options=OPTIONS)
        journal = Journal(self._directory)
        try:
            self.port = self._bind(server)
        except PortTaken:
            journal.close()
            raise
        self._running = running = Running(server, journal, self._faults)
        handlers = [
            service(running.broker, running.committer).handler() for service in (Publisher, Subscriber)
        ]
        server.add_generic_rpc_handlers(tuple(handlers))
        running.pushes.start()
        await server.start()

    async def stop(self) -> None:
        """Ends streams so that clients reconnect elsewhere, lets calls finish, and writes what is left."""
        if self._running:
            running, self._running = self._running, None
            await running.stop()

    def _bind(self, server: aio.Server) -> int:
        try:
            return server.add_insecure_port(f"{self.host}:{self.port}")
        except RuntimeError as error:
            raise PortTaken(
                f"Pub/Sub cannot listen on {self.host}:{self.port}, most likely because another process does:"
                " stop that one or choose another port."
            ) from error


class Running:
    """The parts of a server between its start and its stop."""

    def __init__(self, server: aio.Server, journal: Journal, faults: Faults) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.broker = Broker(journal, faults, clock=self._loop.time, wake=self._wake)
        self.committer = Committer(journal)
        self.pushes = PushFleet(self.broker)

    async def stop(self) -> None:
        await self.pushes.stop()
        for subscription in self.broker.subscriptions():
            subscription.end(Unavailable("The server is shutting down."))
        await self._server.stop(GRACE_SECONDS)
        if self._timer:
            self._timer.cancel()
        await self.committer.stop()

    def _wake(self, when: float) -> None:
        if self._timer and self._timer.when() <= when:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.broker.tick()
