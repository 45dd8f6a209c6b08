"""The embedded Cloud Storage."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.http_servers.api_keys import ApiKeys, KeyGuard
from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.errors import DirectoryUnusable
from local.http_servers.listening import open_listener, reachable_address
from local.http_servers.server import HttpServer
from local.storage.body_files import BodyFiles
from local.storage.bucket_store import BucketStore
from local.storage.database import StorageDatabase
from local.storage.event_notifier import EventNotifier, Notify
from local.storage.events import EventOutbox
from local.storage.exposed_transport import ExposedTransportProtocol
from local.storage.faults import StorageFaults
from local.storage.object_store import ObjectStore
from local.storage.request_context import StorageServices
from local.storage.resumable_uploads import ResumableUploads
from local.storage.router import StorageRouter
from local.storage.upload_parts import UploadParts

IDLE_SECONDS = 3600
"""How long an unused connection is kept: a client that sends just as it closes loses its request."""


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
        faults: StorageFaults | None = None,
        keys: ApiKeys | None = None,
        *,
        only_configured: bool = False,
    ) -> None:
        """Without a directory the objects are deleted when the server stops.

        Where there are ``keys``, callers from other machines must send one.

        ``notify`` is called after every change and before its request is answered, at least once, even when
        the server is killed in between. With ``only_configured`` it is called for the changes alone that a
        notification configuration of their bucket matches.
        """
        self.host = host
        self.port = port
        self._faults = faults or StorageFaults()
        self._keys = keys
        self._directory = directory
        self._notify = notify
        self._only_configured = only_configured
        self._server: HttpServer | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """Returns the value of STORAGE_EMULATOR_HOST."""
        return f"http://{reachable_address(self.host)}:{self.port}"

    @property
    def faults(self) -> StorageFaults:
        """Returns the faults that are switched on; they may be changed and replaced while the server runs."""
        return self._faults

    @faults.setter
    def faults(self, faults: StorageFaults) -> None:
        self._faults = faults
        if self._server is not None:
            self._services.faults = faults

    @property
    def buckets(self) -> BucketStore:
        """Returns the buckets of the running server."""
        return self._services.buckets

    @property
    def operations(self) -> Mapping[str, int]:
        """Returns how many operations of each name have taken effect since the start."""
        return self._services.operations

    async def start(self) -> None:
        """Returns when it answers. Raises PortTaken or DirectoryUnusable."""
        self._socket = open_listener(self.host, self.port, "Cloud Storage")
        self.port = self._socket.getsockname()[1]
        try:
            self._open_store()
        except DirectoryUnusable:
            self._socket.close()
            raise
        await self._start_http()
        self._services.notifier.resume()

    async def stop(self) -> None:
        """Lets running requests end, and releases the port and the directory; a second time does nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        await server.stop()
        await self._services.notifier.stop()
        self._services.files.close()
        self._database.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _open_store(self) -> None:
        directory = self._directory or self._temporary_directory()
        files = _open_files(directory)
        self._database = StorageDatabase(directory / "storage.sqlite3")
        buckets = BucketStore(self._database)
        has_subscriber = self._notify is not None
        outbox = EventOutbox(
            self._database, buckets, keeps_events=has_subscriber, only_configured=self._only_configured
        )
        objects = ObjectStore(self._database, files, buckets, outbox, self.url)
        uploads = ResumableUploads(self._database, files)
        upload_parts = UploadParts(self._database, files)
        files.delete_orphans(objects.file_generations(), uploads.ids(), upload_parts.file_names())
        notifier = EventNotifier(outbox, self._notify)
        self._services = StorageServices(
            buckets, objects, files, uploads, upload_parts, notifier, self._faults
        )

    def _temporary_directory(self) -> Path:
        self._temporary = tempfile.TemporaryDirectory(prefix="plantain-storage-")
        return Path(self._temporary.name)

    async def _start_http(self) -> None:
        # The application checks the Origin header itself: a bucket may have rules of its own.
        application = AsgiGuard(StorageRouter(self._services), check_origin=False)
        self._server = HttpServer(
            KeyGuard(application, self._keys),
            self._socket,
            http=ExposedTransportProtocol,
            timeout_keep_alive=IDLE_SECONDS,
        )
        await self._server.start()


def _open_files(directory: Path) -> BodyFiles:
    try:
        return BodyFiles(directory)
    except OSError as error:
        raise DirectoryUnusable(f"{directory} cannot hold the objects: {error.strerror}.") from error
