"""Lanes: bounded queues, each with its own threads, so that one job is written while the next is drawn."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from functions.contract.telemetry.log import log

Item = TypeVar("Item")


class ItemQueue(Protocol[Item]):
    """Where items wait for a lane's threads: queue.Queue, or one that chooses among them."""

    def put(self, item: Item | None, /) -> None: ...
    def get(self) -> Item | None: ...


class LaneQueue(Generic[Item]):
    """Threads that serve one queue. ``put`` waits while ``depth`` items are in it; 0 is no limit.

    ``waiting`` is another queue to serve, which has its own limit.
    """

    def __init__(
        self,
        name: str,
        serve: Callable[[Item], None],
        *,
        threads: int,
        depth: int = 0,
        waiting: ItemQueue[Item] | None = None,
    ) -> None:
        self._queue: ItemQueue[Item] = waiting or queue.Queue(maxsize=depth)
        self._serve = serve
        self._is_open = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self._is_open = True

    def fault(self) -> str | None:
        """What is wrong for good: a thread that has ended, though nobody told it to."""
        ended = [thread.name for thread in self._threads if self._is_open and not thread.is_alive()]
        return f"{ended[0]} has ended" if ended else None

    def put(self, item: Item) -> None:
        self._queue.put(item)

    def stop(self) -> None:
        """Serves what is queued, then ends the threads."""
        self._is_open = False
        for _ in self._threads:
            self._queue.put(None)
        self.join()

    def join(self) -> None:
        """Until every thread has ended."""
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            try:
                self._serve(item)
            except Exception as error:  # noqa: BLE001 - a lane outlives whatever one item brings
                log("lane.unforeseen", "ERROR", trace=error)
