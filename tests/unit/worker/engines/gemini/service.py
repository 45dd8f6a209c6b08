"""The REST surface of generateContent on this machine, as both of Google's APIs answer for image models."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from worker.pictures.encode import encode_picture

AREA = {"512": 512**2, "1K": 1024**2, "2K": 2048**2, "4K": 4096**2}


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def parts(self) -> list[dict[str, Any]]:
        return self.body["contents"][0]["parts"]

    @property
    def words(self) -> str:
        return self.parts[0]["text"]

    @property
    def pictures(self) -> list[bytes]:
        return [base64.urlsafe_b64decode(part["inlineData"]["data"]) for part in self.parts[1:]]

    @property
    def config(self) -> dict[str, Any]:
        return self.body["generationConfig"]


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Service:
    """What it has heard, and what it says: ``script`` first, one for each call, then pictures as asked."""

    url: str = ""
    script: list[Answer] = field(default_factory=list[Answer])
    heard: list[Heard] = field(default_factory=list[Heard])
    colour: tuple[float, float, float] = (0.2, 0.4, 0.6)
    token_answers: list[Answer] = field(default_factory=list[Answer])  # to service accounts; then tokens
    count_answer: Answer = Answer(body=b'{"totalTokens": 1}')
    hangs: bool = False
    called: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def answer(self, heard: Heard) -> Answer:
        if heard.path.endswith(":countTokens"):
            return self.count_answer
        self.called.set()
        if self.hangs:
            self.let_go.wait(60)
        return self.script.pop(0) if self.script else drawn(flat(*self._size(heard), self.colour))

    def token(self) -> Answer:
        if self.token_answers:
            return self.token_answers.pop(0)
        return said({"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600})

    @staticmethod
    def _size(heard: Heard) -> tuple[int, int]:
        """As Google's table has it: multiples of 16 near the area that the size names."""
        asked = heard.config["imageConfig"]
        across, down = (int(side) for side in asked["aspectRatio"].split(":"))
        side = AREA[asked.get("imageSize", "1K")] ** 0.5
        return round(side * (across / down) ** 0.5 / 16) * 16, round(side * (down / across) ** 0.5 / 16) * 16


def flat(width: int, height: int, colour: tuple[float, float, float]) -> np.ndarray:
    return np.full((height, width, 3), colour, np.float32)


def said(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


def candidate(*parts: dict[str, Any], reason: str | None = "STOP", **more: Any) -> Answer:
    """A response with one candidate."""
    found: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0, **more}
    if reason is not None:
        found["finishReason"] = reason
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 1120, "totalTokenCount": 1130}
    return said(
        {"candidates": [found], "usageMetadata": usage, "modelVersion": "an-image-model", "responseId": "r-1"}
    )


def drawn(*pictures: np.ndarray) -> Answer:
    return candidate(*[inline(encode_picture(picture, "png")) for picture in pictures])


def inline(data: bytes, media_type: str = "image/png", **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": base64.b64encode(data).decode()}, **more}


def refused(reason: str, **more: Any) -> Answer:
    """A response whose prompt was blocked."""
    return said({"promptFeedback": {"blockReason": reason, **more}, "modelVersion": "an-image-model"})


def failed(status: int, name: str, *details: dict[str, Any], message: str = "No.") -> Answer:
    """An error as google.rpc.Status has it."""
    error = {"code": status, "message": message, "status": name, "details": list(details)}
    return said({"error": error}, status)


@contextmanager
def service() -> Generator[Service]:
    script = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/token":
                return self._send(script.token())
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(self.path, headers, _in_camel_case(json.loads(body)))
            script.heard.append(heard)
            return self._send(script.answer(heard))

        def _send(self, answer: Answer) -> None:
            try:
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                return  # the client has given up

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.let_go.set()
        server.shutdown()
        server.server_close()


def _in_camel_case(body: Any) -> Any:
    """The client mixes both spellings of a field, and Google's servers take both."""
    if isinstance(body, list):
        return [_in_camel_case(each) for each in body]
    if not isinstance(body, dict):
        return body
    return {_camel(name): _in_camel_case(value) for name, value in body.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
