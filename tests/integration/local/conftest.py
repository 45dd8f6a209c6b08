"""Servers for the tests of the embedded services."""

from tests.integration.local.pubsub_servers import (
    embedded,
    embedded_pubsub_server,
    google_pubsub_address,
    pubsub,
)

__all__ = ["embedded", "embedded_pubsub_server", "google_pubsub_address", "pubsub"]
