"""An OTLP/HTTP receiver for the spans that OpenTelemetry's exporters send.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager

from google.protobuf.message import DecodeError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.ports import ANY, HOST, open_stack_listener
from local.http_servers.server import serve_in_thread
from local.traces.received_spans import ReceivedSpan, parse_spans

_PROTOBUF = "application/x-protobuf"


class SpanReceiver:
    """Listens on a free port and hands the spans of each request to a callback.

    It also accepts metrics and keeps the bodies of their requests; it does not read them.

    Args:
        on_spans: is called with the spans of each request, one request at a time.
    """

    def __init__(self, on_spans: Callable[[list[ReceivedSpan]], None]) -> None:
        self._on_spans = on_spans
        self.metric_requests: list[bytes] = []
        self._listener = open_stack_listener("traces", ANY)

    @property
    def url(self) -> str:
        """Returns the value of OTEL_EXPORTER_OTLP_ENDPOINT."""
        return f"http://{HOST}:{self._listener.getsockname()[1]}"

    @contextmanager
    def listening(self) -> Generator[SpanReceiver]:
        """Serves in a thread of its own until the block is left."""
        routes = [
            Route("/v1/traces", self._take_spans, methods=["POST"]),
            Route("/v1/metrics", self._take_metrics, methods=["POST"]),
        ]
        with serve_in_thread(AsgiGuard(Starlette(routes=routes)), self._listener, "traces"):
            yield self

    async def _take_spans(self, request: Request) -> Response:
        try:
            spans = list(parse_spans(await _read_body(request)))
        except (DecodeError, OSError, EOFError, zlib.error):
            return _empty_response(400)
        self._on_spans(spans)
        return _empty_response(200)

    async def _take_metrics(self, request: Request) -> Response:
        try:
            self.metric_requests.append(await _read_body(request))
        except (OSError, EOFError, zlib.error):
            return _empty_response(400)
        return _empty_response(200)


async def _read_body(request: Request) -> bytes:
    """Returns the body, decompressed. Raises OSError, EOFError or zlib.error for broken gzip."""
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body


def _empty_response(status: int) -> Response:
    return Response(status_code=status, media_type=_PROTOBUF)
