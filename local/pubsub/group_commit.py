"""Group commit: every change made while one batch is being written goes into the next batch."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from local.pubsub.errors import ServerUnavailable
from local.pubsub.journal import Journal

log = logging.getLogger(__name__)


class GroupCommitter:
    """Writes a journal's batches on a thread of its own, so that the event loop never waits for the disk."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._stopping = False
        self._changed = asyncio.Event()
        self._written = asyncio.get_running_loop().create_future()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pubsub-journal")
        self._task = asyncio.create_task(self._run())
        journal.on_change = self._changed.set

    async def wait_flushed(self) -> None:
        """Returns when all changes made so far survive a kill.

        Raises:
            ServerUnavailable: they could not be written, and will be tried again with the next ones.
        """
        written = self._written
        self._changed.set()
        # Shielded: one caller that is canceled must not cancel the batch for the others.
        if error := await asyncio.shield(written):
            raise ServerUnavailable(f"The journal cannot be written: {error}.")

    async def stop(self) -> None:
        """Writes what is left and closes the journal."""
        self._stopping = True
        self._changed.set()
        await self._task
        await asyncio.get_running_loop().run_in_executor(self._thread, self._journal.close)
        self._thread.shutdown()

    async def _run(self) -> None:
        while not self._stopping:
            await self._changed.wait()
            await self._write()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        self._changed.clear()
        batch = self._journal.take_changes()
        written, self._written = self._written, loop.create_future()
        error = None
        try:
            if batch:
                await loop.run_in_executor(self._thread, self._journal.write_batch, batch)
        except sqlite3.Error as failure:
            log.exception("pubsub: the journal cannot be written")
            self._journal.put_back(batch)
            error = failure
        written.set_result(error)
