"""Where jobs come from: Pub/Sub, or the requests of Vertex AI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class JobSource(Protocol):
    def start(self, on_end: Callable[[], None]) -> None:
        """Jobs arrive from now on; ``on_end`` is called should the source end by itself."""

    def stop(self) -> None:
        """After the last job in hand was finished or handed back. Raises what ended the source before."""
