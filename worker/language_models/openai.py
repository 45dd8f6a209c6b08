"""Any endpoint that speaks OpenAI's chat completions: OpenAI's own, vLLM, Ollama, llama.cpp, LM Studio …

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import base64
import time
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from worker.language_models.chat_request import (
    ChatRequest,
    ModelGaveNoAnswer,
    Response,
    encode_for_model,
    parse_response,
)

DEFAULT_URL = "https://api.openai.com/v1"
_MAX_BYTES = 1_000_000  # of an answer; a valid one is far shorter


class OpenAIChat:
    """A model at ``url``, which ends in the API's version, such as ``http://localhost:11434/v1``."""

    def __init__(self, model: str, *, url: str | None, key: str | None, seconds: float) -> None:
        self.name = model
        self._url = f"{(url or DEFAULT_URL).rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds

    def answer(self, request: ChatRequest, schema: type[Response]) -> Response:
        """Returns the answer. Raises ModelGaveNoAnswer."""
        body = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": request.instructions},
                {"role": "user", "content": _build_content(request)},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": schema.__name__,
                    "schema": schema.schema_for_models(),
                    "strict": True,
                },
            },
        }
        return parse_response(_text_of(self._post(body)), schema)

    def _post(self, body: dict[str, Any]) -> bytes:
        """Returns the answer's bytes. The time limits the whole answer, not each read."""
        over = time.monotonic() + self._seconds
        received = bytearray()
        try:
            with httpx.stream(
                "POST", self._url, json=body, headers=self._headers, timeout=self._seconds
            ) as answer:
                if answer.status_code != 200:
                    raise ModelGaveNoAnswer(f"http_{answer.status_code}")
                for chunk in answer.iter_bytes():
                    received += chunk
                    if time.monotonic() > over:
                        raise ModelGaveNoAnswer("timeout")
                    if len(received) > _MAX_BYTES:
                        raise ModelGaveNoAnswer("too_long")
        except httpx.TimeoutException:
            raise ModelGaveNoAnswer("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ModelGaveNoAnswer("unreachable") from None
        return bytes(received)


def _build_content(request: ChatRequest) -> str | list[dict[str, Any]]:
    if not request.pictures:
        return request.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": request.text}]
    for picture in request.pictures:
        url = "data:image/jpeg;base64," + base64.b64encode(encode_for_model(picture)).decode()
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice]


def _text_of(data: bytes) -> str:
    """Returns the text of the first choice. Raises ModelGaveNoAnswer."""
    try:
        completion = _Completion.model_validate_json(data)
    except ValidationError:
        raise ModelGaveNoAnswer("not_as_documented") from None
    message = completion.choices[0].message if completion.choices else _Message()
    if not message.content or message.refusal:
        raise ModelGaveNoAnswer("refused")
    return message.content
