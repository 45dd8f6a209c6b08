"""The HTTP side of Vertex AI's contract: health from the start, predictions once the models are warm."""

from __future__ import annotations

from collections.abc import Callable

import anyio
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
from functions.contract.telemetry.log import log
from worker.runtime.health import Health
from worker.runtime.http_listener import HttpListener
from worker.vertex_container.aip_environment import AipEnvironment
from worker.vertex_container.prediction_body import MAX_BYTES
from worker.vertex_container.predictions import Predictions

_RETRY_AFTER = "5"  # seconds


class WorkerNotReady(Transient):
    """The models are being loaded."""

    code, title = "not_ready", "The models are being loaded"


class PredictionServer:
    """A source of jobs: it takes predictions while the worker is ready, and answers health at any time."""

    def __init__(self, environment: AipEnvironment, host: str, health: Health) -> None:
        self._worker = health
        self.predictions: Predictions | None = None  # set once the runner is there
        self._is_started = False
        self._limit: anyio.CapacityLimiter | None = None
        routes = [
            Route(environment.health_route, self._answer_health, methods=["GET"]),
            Route(environment.predict_route, self._answer_prediction, methods=["POST"]),
        ]
        app = Starlette(routes=routes, exception_handlers=_HANDLERS)
        self._listener = HttpListener(app, host, environment.port, "AIP_HTTP_PORT")

    @property
    def port(self) -> int:
        return self._listener.port

    def listen(self) -> None:
        """Answers from now on; health is 503 until the worker is ready."""
        self._listener.start()

    def start(self, on_end: Callable[[], None]) -> None:
        """Takes predictions from now on."""
        self._listener.on_end(on_end)
        self._is_started = True

    def stop(self) -> None:
        """Sends the answers that are due, and closes the port."""
        self._listener.stop()

    def _ready_predictions(self) -> Predictions:
        """Returns the predictions of a ready worker. Raises EngineFailed, HandedBack and WorkerNotReady."""
        if fault := self._worker.fault():
            raise EngineFailed(f"The worker cannot go on: {fault}.")
        if self.predictions is None or not self._is_started:
            raise WorkerNotReady
        if not self._worker.is_ready:
            raise HandedBack
        return self.predictions

    async def _answer_health(self, _request: Request) -> Response:
        self._ready_predictions()
        return JSONResponse({"status": "ok"})

    async def _answer_prediction(self, request: Request) -> Response:
        predictions = self._ready_predictions()
        body = await _read_body(request)
        found = await to_thread.run_sync(
            predictions.predict, body, abandon_on_cancel=True, limiter=self._thread_limiter(predictions)
        )
        return JSONResponse({"predictions": found})

    def _thread_limiter(self, predictions: Predictions) -> anyio.CapacityLimiter:
        """Allows a thread for each request that may be open, and a few more to refuse further ones."""
        if self._limit is None:
            self._limit = anyio.CapacityLimiter(predictions.most_requests + 8)
        return self._limit


async def _read_body(request: Request) -> bytes:
    """Returns the body. Raises RequestTooLarge as soon as more than MAX_BYTES have arrived."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise RequestTooLarge(
                f"A request has {MAX_BYTES} bytes at the most: name pictures as gs://bucket/name."
            )
    return bytes(body)


# Errors, as the API sends them: problem+json (RFC 9457). -----------------------------------------------


def _problem_response(error: PlantainError) -> Response:
    problem = {
        "type": f"urn:plantain:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "retryable": error.retryable,
        **({"field": error.field} if error.field else {}),
    }
    headers = {"Retry-After": _RETRY_AFTER} if error.retryable else None
    return JSONResponse(problem, error.status, headers, "application/problem+json")


def _answer_typed_error(_request: Request, error: Exception) -> Response:
    return _problem_response(error if isinstance(error, PlantainError) else PlantainError())


def _answer_http_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _problem_response({404: NotFound, 405: MethodNotAllowed}.get(status, PlantainError)())


def _answer_disconnect(_request: Request, _error: Exception) -> Response:
    """Returns an answer that is never read: the caller hung up while it sent its request."""
    return Response(status_code=400)


def _answer_unforeseen(_request: Request, error: Exception) -> Response:
    """Logs any other exception: the one place of this module that does."""
    log("prediction.unforeseen", "ERROR", trace=error)
    return _problem_response(PlantainError())


_HANDLERS = {
    PlantainError: _answer_typed_error,
    HTTPException: _answer_http_error,
    ClientDisconnect: _answer_disconnect,
    Exception: _answer_unforeseen,
}
