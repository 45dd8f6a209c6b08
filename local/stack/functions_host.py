"""``python -m local.stack.functions_host --fd N FUNCTION…``: serves functions under functions-framework.

The API has a process of its own, as in the cloud: callers that wait for jobs take no thread of the event
functions. The event functions share one process. It has as many threads as all of them together need, and the
bridge, their only caller, never exceeds the limit of any function.

The socket comes from the parent, so that a restart refuses no caller: callers wait in its backlog.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from gunicorn.app.base import BaseApplication

from local.capacity import CONCURRENCY
from local.data_folder import DEFAULT, DataDirectory
from local.http_servers.browser_guard import WsgiGuard
from local.stack.fault_relay import MOUNT, FaultRelay
from local.stack.function_router import FunctionRouter, WsgiApplication

KEEP_ALIVE_SECONDS = 75


def mount_functions(functions: Sequence[str]) -> FunctionRouter:
    """Mounts each function in functions-framework's own application; the API is at the root.

    Beside the API are the stack's faults.
    """
    from functions_framework import create_app

    source = str(files("functions") / "main.py")
    apps: dict[str, Any] = {mount_path(name): create_app(target=name, source=source) for name in functions}
    if "api" in functions:
        apps[MOUNT] = FaultRelay(DataDirectory(Path(os.environ.get("PLANTAIN_DATA") or DEFAULT)))
    return FunctionRouter(cast(dict[str, WsgiApplication], apps))


def mount_path(function: str) -> str:
    """Returns the path at which a function is called."""
    return "/" if function == "api" else f"/_functions/{function}"


class FunctionsHost(BaseApplication):
    """One gunicorn worker with threads. It loads the functions: Google's clients do not survive a fork."""

    def __init__(self, fd: int, functions: Sequence[str]) -> None:
        self._functions = functions
        threads = sum(CONCURRENCY[name] for name in functions)
        os.environ["THREADS"] = str(threads)  # as Terraform tells functions-framework
        self._options: dict[str, Any] = {
            "bind": f"fd://{fd}",
            "worker_class": "functions.http_edge.gunicorn_worker.ProblemWorker",
            "workers": 1,
            "threads": threads,
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
        return WsgiGuard(mount_functions(self._functions))


def _say_ready(_worker: object) -> None:
    if ready := os.environ.get("PLANTAIN_READY_FILE"):
        Path(ready).touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="a socket that listens")
    parser.add_argument("functions", nargs="+", choices=CONCURRENCY, help="what to serve")
    arguments = parser.parse_args()
    FunctionsHost(arguments.fd, arguments.functions).run()


if __name__ == "__main__":
    main()
