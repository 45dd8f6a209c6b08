"""The embedded Cloud Storage: the JSON API over HTTP, in one process, persistent under one directory."""

from local.http_servers.errors import DirectoryUnusable, PortTaken
from local.storage.events import EventType, StorageEvent
from local.storage.faults import StorageFaults
from local.storage.notification_config import NotificationConfig
from local.storage.server import StorageServer

__all__ = [
    "DirectoryUnusable",
    "EventType",
    "NotificationConfig",
    "PortTaken",
    "StorageEvent",
    "StorageFaults",
    "StorageServer",
]
