"""``python -m local.stack.parent_watchdog MODULE ARGUMENT…``: runs a module that ends with its parent.

Standard input is a pipe that the parent holds open and never writes to. When the parent ends, in whatever
way, the pipe closes and this process kills its whole process group (a worker's engine process, a server's
workers). It works where ``PR_SET_PDEATHSIG`` does not: on macOS, for grandchildren, and when the thread that
started the process ends.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
from contextlib import suppress

from local.light_imports import leave_out_unused_parts


def watched_command(module: str, *arguments: str) -> list[str]:
    """Returns the command line that runs ``module`` under the watchdog. Start it in a session of its own.

    The working directory is the caller's, so that relative paths in settings mean what the caller meant.
    ``-P`` keeps Python from importing a folder named ``worker`` from there.
    """
    return [sys.executable, "-P", "-m", "local.stack.parent_watchdog", module, *arguments]


def main() -> None:
    lifeline = os.dup(0)
    _close_standard_input()
    watch_parent(lifeline)
    leave_out_unused_parts()
    module, *sys.argv[1:] = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def watch_parent(lifeline: int) -> None:
    """Starts a thread that kills this process group when the pipe ``lifeline``, a file descriptor, closes."""
    threading.Thread(
        target=_die_with_the_parent, args=(lifeline,), daemon=True, name="parent-watchdog"
    ).start()


def _close_standard_input() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _die_with_the_parent(lifeline: int) -> None:
    with suppress(ConnectionError):
        while os.read(lifeline, 1):
            continue
    os.kill(0, signal.SIGKILL)  # 0: every process of this group


if __name__ == "__main__":
    main()
