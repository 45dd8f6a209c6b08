"""The protocol of a source of jobs: Pub/Sub, or Vertex AI's requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class JobSource(Protocol):
    """Delivers messages to the runner."""

    def start(self, on_end: Callable[[], None]) -> None:
        """Starts deliveries. Calls ``on_end`` if the source ends by itself."""

    def stop(self) -> None:
        """Ends deliveries, once no job is in progress. Raises what ended the source before."""
