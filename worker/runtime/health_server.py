"""Answers probes over HTTP. A worker that is not probed does not import it: it brings a web server."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.contract.telemetry.log import log
from worker.runtime.health import Health
from worker.runtime.http_listener import ALL_INTERFACES, HttpListener


class HealthServer:
    """Answers probes on ``port`` from ``start`` to the process's end. ``port`` 0 takes a free one."""

    def __init__(self, health: Health, port: int, host: str = ALL_INTERFACES) -> None:
        self._health = health
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET"])])
        self._listener = HttpListener(app, host, port, "PORT")

    @property
    def port(self) -> int:
        return self._listener.port

    def start(self) -> None:
        self._listener.start()
        log("health.listening", port=self.port)

    def stop(self) -> None:
        self._listener.stop()

    async def _answer(self, request: Request) -> Response:
        status, body = self._health.probe(request.url.path)
        return JSONResponse(body, status)
