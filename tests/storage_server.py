"""The embedded Cloud Storage for tests of code that itself runs in threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

from local.storage import StorageServer


@contextmanager
def running_storage() -> Generator[StorageServer]:
    """Runs it on a loop of its own. Its ``url`` is what STORAGE_EMULATOR_HOST takes."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = StorageServer(None)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
