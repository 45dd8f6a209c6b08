"""Imports without the search for garbage: nearly all that they make stays for the life of the process.

The collector looks at everything that was made so far, again and again while it grows. That took a tenth of
the processor time of a function's start.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Generator[None]:
    """Pauses the collector of cyclic garbage for a block of imports, and lets it pass over what they made."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
