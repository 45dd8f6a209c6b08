"""Publishes events before the request that caused them is answered."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable

from local.storage.events import EventOutbox, StorageEvent

Notify = Callable[[StorageEvent], Awaitable[None] | None]

FLUSH_SECONDS = 0.1
"""The longest time that a sent event stays in the outbox: a server killed before that sends it again."""

RETRY_SECONDS = 0.2
"""The time between attempts to send an event."""

_log = logging.getLogger(__name__)


class EventNotifier:
    """Calls ``notify`` for every event, and again for events at which it raised an error.

    A request does not fail because of its notification: by then the object is stored.
    """

    def __init__(self, outbox: EventOutbox, notify: Notify | None) -> None:
        self._outbox = outbox
        self._notify = notify
        self._overdue: list[StorageEvent] = []
        self._retry_task: asyncio.Task[None] | None = None
        self._flush: asyncio.TimerHandle | None = None

    async def notify(self, events: Iterable[StorageEvent]) -> None:
        for event in events:
            if self._outbox.is_kept(event) and not await self._send(event):
                self._overdue.append(event)
                self._start_retrying()

    def resume(self) -> None:
        """Sends, in the background, the events that a killed server did not send."""
        self._overdue.extend(self._outbox.pending())
        if self._overdue:
            self._start_retrying()

    async def stop(self) -> None:
        """Stops sending; the next server sends the overdue events."""
        if self._retry_task is not None:
            self._retry_task.cancel()
            await asyncio.wait({self._retry_task})
        if self._flush is not None:
            self._flush.cancel()
        self._outbox.flush()

    def _start_retrying(self) -> None:
        if self._retry_task is None or self._retry_task.done():
            self._retry_task = asyncio.create_task(self._retry_overdue())

    async def _retry_overdue(self) -> None:
        while self._overdue:
            event = self._overdue[0]
            if await self._send(event):
                self._overdue.remove(event)
            else:
                await asyncio.sleep(RETRY_SECONDS)

    async def _send(self, event: StorageEvent) -> bool:
        if self._notify is None:
            self._mark_sent(event)
            return True
        # A task keeps what the callback raises to itself.
        sending = asyncio.create_task(_call_notify(self._notify, event))
        try:
            await asyncio.wait({sending})
        finally:
            sending.cancel()
        if error := sending.exception():
            _log.error("The notification of %s %s failed.", event.type, event.name, exc_info=error)
            return False
        self._mark_sent(event)
        return True

    def _mark_sent(self, event: StorageEvent) -> None:
        self._outbox.mark_sent(event)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._delete_sent)

    def _delete_sent(self) -> None:
        self._flush = None
        self._outbox.flush()


async def _call_notify(notify: Notify, event: StorageEvent) -> None:
    result = notify(event)
    if inspect.isawaitable(result):
        await result
