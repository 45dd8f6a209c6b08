"""``python -m local.functions_host --fd N``: every function behind one port, under functions-framework.

The socket comes from the parent, so that a restart refuses nobody: callers wait in its backlog.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, cast

from gunicorn.app.base import BaseApplication

from .dispatcher import Application, Dispatcher

SOURCE = Path(__file__).parent.parent / "functions" / "main.py"
MOUNTS = {
    "/": "api",
    "/_functions/uploads": "uploads",
    "/_functions/dispatch": "dispatch",
    "/_functions/notify": "notify",
    "/_functions/dead_letter": "dead_letter",
    "/_functions/sweep": "sweep",
}
THREADS = 32
KEEP_ALIVE_SECONDS = 75


def application() -> Dispatcher:
    """The functions, each in functions-framework's own application."""
    from functions_framework import create_app

    apps = {mount: create_app(target=target, source=str(SOURCE)) for mount, target in MOUNTS.items()}
    return Dispatcher(cast(dict[str, Application], apps))


class FunctionsHost(BaseApplication):
    """One gunicorn worker with threads. It loads the functions: Google's clients do not survive a fork."""

    def __init__(self, fd: int) -> None:
        self._options: dict[str, Any] = {
            "bind": f"fd://{fd}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 0,  # a request may wait for its job
            "graceful_timeout": 15,
            "keepalive": KEEP_ALIVE_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": _say_ready,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return application()


def _say_ready(_worker: object) -> None:
    if ready := os.environ.get("PLANTAIN_READY_FILE"):
        Path(ready).touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="a socket that listens")
    FunctionsHost(parser.parse_args().fd).run()


if __name__ == "__main__":
    main()
