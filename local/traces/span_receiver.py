"""An OTLP/HTTP receiver: what OpenTelemetry's exporters send is handed on, span by span.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.message import DecodeError

from local.http_servers import browser_guard
from local.stack.ports import HOST
from local.traces.received_spans import ReceivedSpan, parse_spans

TRACES, METRICS = "/v1/traces", "/v1/metrics"
_PROTOBUF = "application/x-protobuf"


class SpanReceiver:
    """Listens on a free port. ``hear`` is called for each request's spans, one request at a time.

    Metrics are taken as well, and only counted: nobody looks at them here.
    """

    def __init__(self, hear: Callable[[list[ReceivedSpan]], None]) -> None:
        self._hear = hear
        self._lock = threading.Lock()
        self.metric_requests: list[bytes] = []
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="traces")

    @property
    def url(self) -> str:
        """What OTEL_EXPORTER_OTLP_ENDPOINT is set to."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    @contextmanager
    def listening(self) -> Generator[SpanReceiver]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def take(self, path: str, body: bytes) -> int:
        """The status of the answer."""
        if path == METRICS:
            self.metric_requests.append(body)
            return 200
        if path != TRACES:
            return 404
        try:
            spans = list(parse_spans(body))
        except DecodeError:
            return 400
        with self._lock:
            self._hear(spans)
        return 200


def _handler(receiver: SpanReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                if browser_guard.refusal_reason(self.headers.get("Host"), self.headers.get("Origin")):
                    status = 403
                elif self.headers.get("Content-Encoding") == "gzip":
                    status = receiver.take(self.path, gzip.decompress(body))
                else:
                    status = receiver.take(self.path, body)
            except (OSError, EOFError, zlib.error):
                status = 400
            self.send_response(status)
            self.send_header("Content-Type", _PROTOBUF)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Each request says nothing that its spans do not."""

    return Handler
