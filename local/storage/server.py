"""The embedded Cloud Storage."""

from __future__ import annotations

import asyncio
import errno
import socket
import tempfile
from pathlib import Path

import uvicorn

from ..browser_guard import AsgiGuard
from ..errors import DirectoryUnusable, PortTaken
from .announcer import Announcer, Notify
from .buckets import Buckets
from .call import Parts
from .connection import Connection
from .database import Database
from .events import Outbox
from .faults import Faults
from .files import Files
from .objects import ObjectStore
from .parts import UploadParts
from .router import Router
from .uploads import Uploads

IDLE_SECONDS = 3600
"""For which an unused connection is kept: a client that sends just as it closes loses its request."""

GRACE_SECONDS = 5
"""For which requests may still run when the server stops."""


class StorageServer:
    """Cloud Storage's JSON API over HTTP, inside the running asyncio loop, persistent under one directory.

    Attributes:
        host: that it listens on.
        port: that it listens on; once started, never 0.
    """

    def __init__(
        self,
        directory: Path | None,
        notify: Notify | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Faults | None = None,
    ) -> None:
        """Without a directory the objects are gone when the server stops.

        ``notify`` is called after every change and before its request is answered; at least once, also when
        the server is killed in between.
        """
        self.host = host
        self.port = port
        self._faults = faults or Faults()
        self._directory = directory
        self._notify = notify
        self._server: uvicorn.Server | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """What STORAGE_EMULATOR_HOST is set to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def faults(self) -> Faults:
        """What goes wrong; it may be changed, and replaced, while the server runs."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults = faults
        if self._server is not None:
            self._parts.faults = faults

    async def start(self) -> None:
        """Returns when it answers. Raises PortTaken or DirectoryUnusable."""
        self._socket = _listen(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        try:
            self._open()
        except DirectoryUnusable:
            self._socket.close()
            raise
        await self._serve()
        self._parts.announcer.resume()

    async def stop(self) -> None:
        """Lets running requests end, and releases the port and the directory; a second time does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        server.should_exit = True
        await self._ticking
        await server.shutdown(sockets=[self._socket])
        await self._parts.announcer.stop()
        self._parts.files.close()
        self._database.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _open(self) -> None:
        directory = self._directory or self._temporary_directory()
        files = _files(directory)
        self._database = Database(directory / "storage.sqlite3")
        buckets = Buckets(self._database)
        outbox = Outbox(self._database, buckets, heard=self._notify is not None)
        objects = ObjectStore(self._database, files, buckets, outbox, self.url)
        uploads = Uploads(self._database, files)
        parts = UploadParts(self._database, files)
        files.sweep(objects.files(), uploads.ids(), parts.file_names())
        announcer = Announcer(outbox, self._notify)
        self._parts = Parts(buckets, objects, files, uploads, parts, announcer, self._faults)

    def _temporary_directory(self) -> Path:
        self._temporary = tempfile.TemporaryDirectory(prefix="plantain-storage-")
        return Path(self._temporary.name)

    async def _serve(self) -> None:
        # Not Server.serve(): that would take the signals away from whoever owns the loop.
        config = uvicorn.Config(
            AsgiGuard(Router(self._parts), check_origin=False),  # the router knows the buckets' own rules
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            access_log=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        config.load()
        server = self._server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[self._socket])
        self._ticking = asyncio.create_task(server.main_loop())


def _listen(host: str, port: int) -> socket.socket:
    """Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms per request otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} of {host} is taken, so Cloud Storage cannot listen there: stop what uses it,"
                " or choose another port."
            ) from error
        raise PortTaken(f"Cloud Storage cannot listen on {host}:{port}: {error.strerror}.") from error
    return listener


def _files(directory: Path) -> Files:
    try:
        return Files(directory)
    except OSError as error:
        raise DirectoryUnusable(f"{directory} cannot hold the objects: {error.strerror}.") from error
