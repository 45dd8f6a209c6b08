"""The batch endpoint: many requests in one body."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope

from local.storage.errors import BodyTooLarge, InvalidValue, UnreadableBody

MAX_REQUESTS = 1000
MAX_BYTES = 10 * 1024 * 1024

Respond = Callable[[Request], Awaitable[Response]]


async def answer_batch(request: Request, respond: Respond) -> Response:
    """Answers every part as if it had come alone, in turn.

    Raises UnreadableBody, InvalidValue or BodyTooLarge.
    """
    divider = f"batch_{secrets.token_hex(16)}"
    answers = [await _answer_part(request, part, respond) for part in await _read_parts(request)]
    body = b"".join(b"--%s\r\n%s\r\n" % (divider.encode(), each) for each in answers)
    body += b"--%s--\r\n" % divider.encode()
    return Response(body, media_type=f'multipart/mixed; boundary="{divider}"')


async def _read_parts(request: Request) -> list[Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise BodyTooLarge(f"A batch is at most {MAX_BYTES} bytes.")
    content_type = request.headers.get("content-type", "").encode("latin-1")
    message = BytesParser().parsebytes(b"Content-Type: " + content_type + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise UnreadableBody("A batch is a multipart/mixed body.")
    parts = message.get_payload()
    if len(parts) > MAX_REQUESTS:
        raise InvalidValue(f"A batch has at most {MAX_REQUESTS} requests; this one has {len(parts)}.")
    return list(parts)


async def _answer_part(outer: Request, part: Any, respond: Respond) -> bytes:
    text = part.get_payload()
    if not isinstance(text, str):
        raise UnreadableBody("A part of a batch is one request.")
    response = await respond(_part_request(outer, text))
    lines = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
    lines += [f"{key}: {value}" for key, value in response.headers.items()]
    number = part.get("Content-ID", "<1>").strip("<>")
    head = f"Content-Type: application/http\r\nContent-ID: <response-{number}>\r\n\r\n"
    return head.encode() + "\r\n".join(lines).encode() + b"\r\n\r\n" + bytes(response.body)


def _part_request(outer: Request, text: str) -> Request:
    """Returns the request inside a part. Raises UnreadableBody."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    line, *headers = head.split("\n")
    words = line.split(" ")
    if len(words) != 3 or not line.isascii():
        raise UnreadableBody(f"A part of the batch does not begin with a request line: {line!r}")
    url = urlsplit(words[1])
    if not url.path.startswith("/storage/v1/") or "alt=media" in url.query:
        raise InvalidValue("A batch takes neither uploads nor downloads.")
    fields = [header.partition(":") for header in headers]
    scope: Scope = {
        **outer.scope,
        "method": words[0],
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "headers": [
            (b"host", outer.headers.get("host", "").encode()),
            *(
                (key.strip().lower().encode(errors="replace"), value.strip().encode(errors="surrogateescape"))
                for key, _, value in fields
            ),
        ],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body.encode(errors="surrogateescape"), "more_body": False}

    return Request(scope, receive)
