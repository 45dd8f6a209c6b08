"""The HTTP side of Vertex AI's contract: health from the first moment, predictions once models are warm."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import anyio
import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.contract.errors import (
    EngineFailed,
    HandedBack,
    MethodNotAllowed,
    NotFound,
    PlantainError,
    RequestTooLarge,
    Transient,
)
from functions.contract.settings import SettingsError
from functions.contract.telemetry.log import log
from worker.runtime.health import Health
from worker.serve.aip_environment import AipEnvironment
from worker.serve.prediction_body import MAX_BYTES
from worker.serve.predictions import Predictions

_RETRY_AFTER = "5"  # seconds
_KEEP_ALIVE = 620  # seconds, more than proxies have: of the two ends it must not be ours that hangs up
_ANSWERS_WITHIN = 5.0  # seconds that the last answers may take on their way out


class NotReady(Transient):
    """The models are being loaded."""

    code, title = "not_ready", "The models are being loaded"


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """None: the signals are the worker's."""
        yield


class PredictionServer:
    """A source of jobs. It answers after ``listen``, and lets requests in while the worker is ready."""

    def __init__(self, contract: AipEnvironment, host: str, health: Health) -> None:
        self._worker = health
        self._predictions: Predictions | None = None
        self._on_end: Callable[[], None] | None = None  # given when it starts
        self._socket = _listen(host, contract.port)
        routes = [
            Route(contract.health, self._health, methods=["GET"]),
            Route(contract.predict, self._predict, methods=["POST"]),
        ]
        application = Starlette(routes=routes, exception_handlers=_HANDLERS)
        config = uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=round(_ANSWERS_WITHIN),
        )
        self._server = _Server(config)
        self._limit: anyio.CapacityLimiter | None = None
        self._thread = threading.Thread(target=self._serve, name="door", daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def listen(self) -> None:
        """Health is answered from now on, with 503."""
        self._thread.start()

    def admits(self, predictions: Predictions) -> PredictionServer:
        """The door in front of ``predictions``."""
        self._predictions = predictions
        return self

    def start(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end

    def stop(self) -> None:
        """Answers what is still to be answered, and listens no more."""
        self._server.should_exit = True
        self._thread.join(2 * _ANSWERS_WITHIN)
        self._socket.close()

    def _serve(self) -> None:
        try:
            self._server.run([self._socket])
        finally:
            if self._on_end:
                self._on_end()

    def _admitting(self) -> Predictions:
        """Raises EngineFailed, HandedBack and NotReady."""
        if fault := self._worker.fault():
            raise EngineFailed(f"The worker cannot go on: {fault}.")
        if self._predictions is None or self._on_end is None:
            raise NotReady
        if not self._worker.is_ready:
            raise HandedBack
        return self._predictions

    async def _health(self, _request: Request) -> Response:
        self._admitting()
        return JSONResponse({"status": "ok"})

    async def _predict(self, request: Request) -> Response:
        predictions = self._admitting()
        body = await _body(request)
        found = await to_thread.run_sync(
            predictions.predict, body, abandon_on_cancel=True, limiter=self._threads(predictions)
        )
        return JSONResponse({"predictions": found})

    def _threads(self, predictions: Predictions) -> anyio.CapacityLimiter:
        """A thread for each request that may be open, and some to refuse further ones."""
        if self._limit is None:
            self._limit = anyio.CapacityLimiter(predictions.most_requests + 8)
        return self._limit


def _listen(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is given: docs/traps.md.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise SettingsError(f"AIP_HTTP_PORT: {port} cannot be listened on ({error.strerror})") from error
    return listener


async def _body(request: Request) -> bytes:
    """Raises RequestTooLarge, before more of it is read than is taken."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise RequestTooLarge(
                f"A request has {MAX_BYTES} bytes at the most: name pictures as gs://bucket/name."
            )
    return bytes(body)


# Errors, as the API tells them: problem+json (RFC 9457). -----------------------------------------------


def _problem(error: PlantainError) -> Response:
    told = {
        "type": f"urn:plantain:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "retryable": error.retryable,
        **({"field": error.field} if error.field else {}),
    }
    headers = {"Retry-After": _RETRY_AFTER} if error.retryable else None
    return JSONResponse(told, error.status, headers, "application/problem+json")


def _of_the_tree(_request: Request, error: Exception) -> Response:
    return _problem(error if isinstance(error, PlantainError) else PlantainError())


def _of_http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _problem({404: NotFound, 405: MethodNotAllowed}.get(status, PlantainError)())


def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever asked hung up while sending: nobody reads the answer."""
    return Response(status_code=400)


def _unforeseen(_request: Request, error: Exception) -> Response:
    """The one place here that catches everything."""
    log("prediction.unforeseen", "ERROR", trace=error)
    return _problem(PlantainError())


_HANDLERS = {
    PlantainError: _of_the_tree,
    HTTPException: _of_http,
    ClientDisconnect: _gone,
    Exception: _unforeseen,
}
