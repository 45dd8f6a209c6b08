"""Servers of the REST surfaces that the chat adapters speak to, on this machine, with scripted answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Endpoint:
    """What a server has heard, and what it says next."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    is_silent: bool = False  # until the test has ended
    is_slow: bool = False  # a byte now and then, until the test has ended
    ended: threading.Event = field(default_factory=threading.Event)
    heard: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list[Any])

    def says(self, content: Any) -> None:
        """A chat completion with this content, in OpenAI's shape."""
        text = content if isinstance(content, str) else json.dumps(content)
        message = {"role": "assistant", "content": text, "refusal": None}
        self.body = json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": "reader",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        ).encode()

    def says_as_gemini(self, content: Any) -> None:
        """A candidate with this content, in the shape of generateContent."""
        text = content if isinstance(content, str) else json.dumps(content)
        candidate = {
            "content": {"role": "model", "parts": [{"text": text}]},
            "finishReason": "STOP",
            "index": 0,
        }
        self.body = json.dumps({"candidates": [candidate], "modelVersion": "reader"}).encode()


@contextmanager
def endpoint() -> Generator[Endpoint]:
    script = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.heard.append((self.path, headers, json.loads(body)))
            if script.is_silent:
                script.ended.wait()
            try:
                self._answer()
            except (BrokenPipeError, ConnectionResetError):
                return  # the client has given up

        def _answer(self) -> None:
            self.send_response(script.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(script.body)))
            self.end_headers()
            sent = 0
            while script.is_slow and sent < len(script.body) and not script.ended.wait(0.1):
                self.wfile.write(script.body[sent : sent + 1])
                self.wfile.flush()
                sent += 1
            self.wfile.write(script.body[sent:])

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield script
    finally:
        script.ended.set()
        server.shutdown()
        server.server_close()
