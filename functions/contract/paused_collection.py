"""Imports and tables without the search for garbage: nearly all that they make stays to the process's end.

The collector looks at everything that was made so far, again and again while it grows. That took a tenth of
the processor time of a function's start.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Generator[None]:
    """Pauses the collector of cyclic garbage for a block, and lets it pass over what the block made."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
