"""Any endpoint that speaks OpenAI's chat completions: OpenAI's own, vLLM, Ollama, llama.cpp, LM Studio …

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import base64
import time
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from worker.language_models.chat_request import Answer, ChatRequest, ModelGaveNoAnswer, jpeg, parse_response

DEFAULT_URL = "https://api.openai.com/v1"
_MOST_BYTES = 1_000_000  # of an answer; what is asked for is far shorter


class OpenAIChat:
    """``url`` is the endpoint up to its version, such as ``http://localhost:11434/v1``; times in seconds."""

    def __init__(self, model: str, *, url: str | None, key: str | None, seconds: float) -> None:
        self.name = model
        self._url = f"{(url or DEFAULT_URL).rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds

    def answer(self, question: ChatRequest, form: type[Answer]) -> Answer:
        """Raises ModelGaveNoAnswer."""
        body = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": question.instructions},
                {"role": "user", "content": _content(question)},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": form.__name__, "schema": form.schema_for_models(), "strict": True},
            },
        }
        return parse_response(_said(self._post(body)), form)

    def _post(self, body: dict[str, Any]) -> bytes:
        """The answer's bytes: the time is for the whole of it, however slowly it drips."""
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
                    if len(received) > _MOST_BYTES:
                        raise ModelGaveNoAnswer("too_long")
        except httpx.TimeoutException:
            raise ModelGaveNoAnswer("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ModelGaveNoAnswer("unreachable") from None
        return bytes(received)


def _content(question: ChatRequest) -> str | list[dict[str, Any]]:
    if not question.pictures:
        return question.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": question.text}]
    for picture in question.pictures:
        url = "data:image/jpeg;base64," + base64.b64encode(jpeg(picture)).decode()
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice]


def _said(data: bytes) -> str:
    """The text of the first choice. Raises ModelGaveNoAnswer."""
    try:
        completion = _Completion.model_validate_json(data)
    except ValidationError:
        raise ModelGaveNoAnswer("not_as_documented") from None
    message = completion.choices[0].message if completion.choices else _Message()
    if not message.content or message.refusal:
        raise ModelGaveNoAnswer("refused")
    return message.content
