"""Through google-genai itself, against a server of generateContent's REST surface."""

from __future__ import annotations

import json

import pytest

from tests.unit.worker.language_models.endpoints import Endpoint
from tests.unit.worker.stages.making import noise
from worker.language_models.chat_request import ChatRequest, ModelGaveNoAnswer, ResponseSchema
from worker.language_models.gemini import GeminiChat

ASKED = ChatRequest("Say a colour.", "the boat's")


class Colour(ResponseSchema):
    colour: str


def chat(server: Endpoint, seconds: float = 20) -> GeminiChat:
    return GeminiChat("reader", url=server.url, key="secret", seconds=seconds, project="p")


def refusal(server: Endpoint, seconds: float = 20) -> str:
    with pytest.raises(ModelGaveNoAnswer) as refused:
        chat(server, seconds).answer(ASKED, Colour)
    return refused.value.reason


def test_a_question_asks_for_json_of_a_schema(server: Endpoint) -> None:
    server.says_as_gemini({"colour": "blue"})
    assert chat(server).answer(ASKED, Colour).colour == "blue"
    path, headers, body = server.heard[0]
    assert path.endswith("/models/reader:generateContent")
    assert headers["x-goog-api-key"] == "secret"
    assert body["systemInstruction"]["parts"][0]["text"] == "Say a colour."
    assert body["contents"][0]["parts"] == [{"text": "the boat's"}]
    assert body["generationConfig"]["responseMimeType"] == "application/json"
    assert body["generationConfig"]["responseJsonSchema"]["required"] == ["colour"]


def test_a_picture_follows_the_words(server: Endpoint) -> None:
    server.says_as_gemini({"colour": "blue"})
    chat(server).answer(ChatRequest("Say a colour.", "this one's", (noise(64, 64),)), Colour)
    words, shown = server.heard[0][2]["contents"][0]["parts"]
    assert words == {"text": "this one's"}
    assert "image/jpeg" in shown["inlineData"].values()


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_an_error_is_no_answer_and_is_not_repeated(server: Endpoint, status: int) -> None:
    server.status = status
    server.body = json.dumps({"error": {"code": status, "message": "no", "status": "NO"}}).encode()
    assert refusal(server) == f"http_{status}"
    assert len(server.heard) == 1


def test_a_blocked_question_is_no_answer(server: Endpoint) -> None:
    server.body = json.dumps({"promptFeedback": {"blockReason": "SAFETY"}}).encode()
    assert refusal(server) == "refused"


@pytest.mark.parametrize("content", ["blue", {"color": "blue"}])
def test_an_answer_in_another_form_is_none(server: Endpoint, content: object) -> None:
    server.says_as_gemini(content)
    assert refusal(server) == "not_as_asked"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]"])
def test_what_is_no_documented_answer_is_no_answer(server: Endpoint, body: bytes) -> None:
    server.body = body
    assert refusal(server) in ("not_as_documented", "refused")


def test_an_answer_that_does_not_begin_is_not_waited_for(server: Endpoint) -> None:
    server.is_silent = True
    assert refusal(server, seconds=0.3) == "timeout"


def test_an_unreachable_service_is_no_answer() -> None:
    with pytest.raises(ModelGaveNoAnswer, match="unreachable"):
        GeminiChat("reader", url="http://127.0.0.1:9", key="k", seconds=5, project="p").answer(ASKED, Colour)
