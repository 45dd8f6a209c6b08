"""Tells of events, before the request that caused them is answered."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable

from local.storage.events import Outbox, StorageEvent

Notify = Callable[[StorageEvent], Awaitable[None] | None]

FLUSH_SECONDS = 0.1
"""For which an event that has arrived is remembered, at most: a server killed then tells it again."""

RETRY_SECONDS = 0.2
"""Between attempts at an event that could not be told."""

_log = logging.getLogger(__name__)


class Announcer:
    """Calls ``notify`` for every event, and again for those that it raised at.

    A request does not fail because of its notification: the object is there by then.
    """

    def __init__(self, outbox: Outbox, notify: Notify | None) -> None:
        self._outbox = outbox
        self._notify = notify
        self._overdue: list[StorageEvent] = []
        self._again: asyncio.Task[None] | None = None
        self._flush: asyncio.TimerHandle | None = None

    async def announce(self, events: Iterable[StorageEvent]) -> None:
        for event in events if self._notify else ():
            if not await self._tell(event):
                self._overdue.append(event)
                self._start()

    def resume(self) -> None:
        """Tells, in the background, of what a killed server did not get to tell."""
        self._overdue.extend(self._outbox.pending())
        if self._overdue:
            self._start()

    async def stop(self) -> None:
        """What is overdue is told by the next server."""
        if self._again is not None:
            self._again.cancel()
            await asyncio.wait({self._again})
        if self._flush is not None:
            self._flush.cancel()
        self._outbox.flush()

    def _start(self) -> None:
        if self._again is None or self._again.done():
            self._again = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        while self._overdue:
            event = self._overdue[0]
            if await self._tell(event):
                self._overdue.remove(event)
            else:
                await asyncio.sleep(RETRY_SECONDS)

    async def _tell(self, event: StorageEvent) -> bool:
        if self._notify is None:
            self._told(event)
            return True
        # A task keeps what the callback raises to itself.
        telling = asyncio.create_task(_call(self._notify, event))
        try:
            await asyncio.wait({telling})
        finally:
            telling.cancel()
        if error := telling.exception():
            _log.error("The notification of %s %s failed.", event.type, event.name, exc_info=error)
            return False
        self._told(event)
        return True

    def _told(self, event: StorageEvent) -> None:
        self._outbox.told(event)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._forget)

    def _forget(self) -> None:
        self._flush = None
        self._outbox.flush()


async def _call(notify: Notify, event: StorageEvent) -> None:
    answer = notify(event)
    if inspect.isawaitable(answer):
        await answer
