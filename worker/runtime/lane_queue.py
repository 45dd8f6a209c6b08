"""A lane: a bounded queue with threads of its own, so that one job is written while the next is drawn."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast

from functions.contract.telemetry.log import log

Item = TypeVar("Item")
Served = TypeVar("Served")
Waiting = TypeVar("Waiting", contravariant=True)
Taken = TypeVar("Taken", covariant=True)


class ItemQueue(Protocol[Waiting, Taken]):
    """A queue in which items wait: queue.Queue, or one that orders them, or gives several at once."""

    def put(self, item: Waiting | None, /) -> None: ...
    def get(self) -> Taken | None: ...


class LaneQueue(Generic[Item, Served]):
    """Threads that serve one queue. ``put`` blocks while ``depth`` items wait; a depth of 0 is no limit.

    ``items`` replaces the queue by another, which has its own limit.
    """

    def __init__(
        self,
        name: str,
        serve: Callable[[Served], None],
        *,
        threads: int,
        depth: int = 0,
        items: ItemQueue[Item, Served] | None = None,
    ) -> None:
        self._items = items or cast("ItemQueue[Item, Served]", queue.Queue[Any](maxsize=depth))
        self._serve = serve
        self._is_open = False
        self._threads = [
            threading.Thread(target=self._serve_items, name=f"{name}-{n}", daemon=True)
            for n in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self._is_open = True

    def fault(self) -> str | None:
        """Returns a fault that only a new process mends: a thread that ended without being stopped."""
        ended = [thread.name for thread in self._threads if self._is_open and not thread.is_alive()]
        return f"{ended[0]} has ended" if ended else None

    def put(self, item: Item) -> None:
        self._items.put(item)

    def stop(self) -> None:
        """Serves the items that wait, then ends the threads."""
        self._is_open = False
        for _ in self._threads:
            self._items.put(None)
        self.join()

    def join(self) -> None:
        """Waits until every thread has ended."""
        for thread in self._threads:
            thread.join()

    def _serve_items(self) -> None:
        while (item := self._items.get()) is not None:
            try:
                self._serve(item)
            except Exception as error:  # noqa: BLE001 - a lane must outlive any single item
                log("lane.unforeseen", "ERROR", trace=error)
            del item  # frees its pictures while this thread waits for the next one
