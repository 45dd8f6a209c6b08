"""Runs the embedded Cloud Storage and Pub/Sub alone, for any program."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from local.eventarc.bucket_notifications import BucketNotifications
from local.http_servers.api_keys import ApiKeys, check_host
from local.http_servers.ports import HOST
from local.pubsub.server import PubSubServer
from local.stack.environment import client_exports
from local.storage.server import StorageServer


@dataclass(frozen=True)
class EmulatorOptions:
    """The options of the two emulators.

    Attributes:
        data: the folder that keeps everything; None keeps nothing after the end.
        keys: the keys that callers from other machines must send.
        open_to_all: callers from other machines need no key.
    """

    data: Path | None = None
    host: str = HOST
    storage_port: int = 9023
    pubsub_port: int = 8085
    keys: ApiKeys | None = None
    open_to_all: bool = False


@dataclass(frozen=True)
class RunningEmulators:
    """Both servers while they run; buckets' notifications go from one to the other."""

    storage: StorageServer
    pubsub: PubSubServer

    @property
    def exports(self) -> dict[str, str]:
        """Returns the variables that programs of this machine must set."""
        return client_exports(self.storage.url, self.pubsub.address)


@asynccontextmanager
async def run_emulators(options: EmulatorOptions) -> AsyncGenerator[RunningEmulators]:
    """Runs both servers until the block is left.

    Raises:
        InvalidRequest: they would listen where other machines reach them, and there are no keys.
        PortTaken, DirectoryUnusable: before anything answers.
    """
    check_host(options.host, options.keys, open_to_all=options.open_to_all)
    folders = [options.data / name if options.data else None for name in ("pubsub", "storage")]
    keys = None if options.open_to_all else options.keys
    async with AsyncExitStack() as parts:
        pubsub = PubSubServer(folders[0], options.host, options.pubsub_port, keys=keys)
        await pubsub.start()
        parts.push_async_callback(pubsub.stop)
        notifications = BucketNotifications(pubsub.publish)
        storage = StorageServer(
            folders[1], notifications, options.host, options.storage_port, keys=keys, only_configured=True
        )
        await storage.start()
        parts.push_async_callback(storage.stop)
        yield RunningEmulators(storage, pubsub)
