"""The Vertex AI surface in a thread with a loop of its own, and containers to put behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local.vertex_emulator.prediction_container import PredictionContainer
from local.vertex_emulator.server import VertexServer

STARTS_WITHIN = 60  # seconds; generous, since it decides nothing but when to give up
Answer = Callable[[bytes], tuple[int, bytes]]  # a prediction's body → status and body


@contextmanager
def serving(directory: Path, container: PredictionContainer) -> Generator[VertexServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="vertex", daemon=True)
    thread.start()

    async def make() -> VertexServer:
        server = VertexServer(directory, container)
        await server.start()
        return server

    server = asyncio.run_coroutine_threadsafe(make(), loop).result(STARTS_WITHIN)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(STARTS_WITHIN)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(STARTS_WITHIN)
    loop.close()


@contextmanager
def container(answer: Answer) -> Generator[PredictionContainer]:
    """A healthy container that predicts what ``answer`` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, b"{}")

        def do_POST(self) -> None:
            self._send(*answer(self.rfile.read(int(self.headers["Content-Length"]))))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield PredictionContainer(server.server_address[1])
    server.shutdown()
    server.server_close()
