"""The embedded Cloud Storage: the JSON API over HTTP, in one process, persistent under one directory."""

from ..errors import DirectoryUnusable, PortTaken
from .events import EventType, StorageEvent
from .faults import Faults
from .notification_config import NotificationConfig
from .server import StorageServer

__all__ = [
    "DirectoryUnusable",
    "EventType",
    "Faults",
    "NotificationConfig",
    "PortTaken",
    "StorageEvent",
    "StorageServer",
]
