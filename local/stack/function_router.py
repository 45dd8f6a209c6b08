"""Several functions behind one port: the longest mount that a path begins with takes the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

Environ = MutableMapping[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
WsgiApplication = Callable[[Any, Any], Iterable[bytes]]


class FunctionRouter:
    """Mounts WSGI applications; ``/``, where it is mounted, takes what no other mount does.

    A function is always called at ``/`` or below: without the slash, functions-framework answers 308.
    """

    def __init__(self, mounts: Mapping[str, WsgiApplication]) -> None:
        self._root = mounts.get("/", _no_function)
        self._mounts = {
            mount: mounts[mount] for mount in sorted(mounts, key=len, reverse=True) if mount != "/"
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for mount, application in self._mounts.items():
            if path == mount or path.startswith(mount + "/"):
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + mount
                environ["PATH_INFO"] = path[len(mount) :] or "/"
                return application(environ, start_response)
        return self._root(environ, start_response)


def _no_function(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"No function is mounted here."]
