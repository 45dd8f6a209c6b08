from __future__ import annotations

import base64
import json

import cv2
import numpy as np
import pytest

from tests.unit.worker.language_models.endpoints import Endpoint
from tests.unit.worker.stages.making import noise
from worker.language_models.chat_request import ChatRequest, ModelGaveNoAnswer, ResponseSchema
from worker.language_models.openai import OpenAIChat

ASKED = ChatRequest("Say a colour.", "the boat's")


class Colour(ResponseSchema):
    colour: str


def chat(server: Endpoint, seconds: float = 20) -> OpenAIChat:
    return OpenAIChat("reader", url=f"{server.url}/v1/", key="sk-secret", seconds=seconds)


def refusal(server: Endpoint, seconds: float = 20) -> str:
    with pytest.raises(ModelGaveNoAnswer) as refused:
        chat(server, seconds).answer(ASKED, Colour)
    assert "blue" not in str(refused.value)
    return refused.value.reason


def test_a_question_is_a_chat_completion_with_a_schema(server: Endpoint) -> None:
    server.says({"colour": "blue"})
    assert chat(server).answer(ASKED, Colour).colour == "blue"
    path, headers, body = server.heard[0]
    assert (path, headers["authorization"]) == ("/v1/chat/completions", "Bearer sk-secret")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == "the boat's"
    schema = body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"]["required"] == ["colour"]
    assert schema["schema"]["additionalProperties"] is False


def test_a_picture_is_a_small_jpeg_beside_the_words(server: Endpoint) -> None:
    server.says({"colour": "blue"})
    chat(server).answer(ChatRequest("Say a colour.", "this one's", (noise(2000, 1000),)), Colour)
    words, shown = server.heard[0][2]["messages"][1]["content"]
    assert words == {"type": "text", "text": "this one's"}
    kind, _, data = shown["image_url"]["url"].partition(",")
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    assert kind == "data:image/jpeg;base64"
    assert picture is not None and picture.shape == (384, 768, 3)


def test_an_endpoint_without_a_key_is_sent_none(server: Endpoint) -> None:
    server.says({"colour": "blue"})
    OpenAIChat("reader", url=server.url, key=None, seconds=20).answer(ASKED, Colour)
    assert "authorization" not in server.heard[0][1]


def test_a_fenced_answer_is_an_answer(server: Endpoint) -> None:
    server.says('```json\n{"colour": "blue"}\n```')
    assert chat(server).answer(ASKED, Colour).colour == "blue"


@pytest.mark.parametrize(
    "content", ["blue", '{"color": "blue"}', '{"colour": "blue", "why": "x"}', "[" * 99_999]
)
def test_an_answer_in_another_form_is_none(server: Endpoint, content: str) -> None:
    server.says(content)
    assert refusal(server) == "not_as_asked"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_is_no_answer_and_is_not_repeated(server: Endpoint, status: int) -> None:
    server.status = status
    assert refusal(server) == f"http_{status}"
    assert len(server.heard) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"choices": "none"}', b"\xff"])
def test_what_is_no_completion_is_no_answer(server: Endpoint, body: bytes) -> None:
    server.body = body
    assert refusal(server) == "not_as_documented"


def test_a_refusal_and_silence_are_no_answers(server: Endpoint) -> None:
    server.body = json.dumps({"choices": [{"message": {"content": None, "refusal": "I cannot."}}]}).encode()
    assert refusal(server) == "refused"
    server.body = b'{"choices": []}'
    assert refusal(server) == "refused"


def test_an_answer_that_does_not_begin_is_not_waited_for(server: Endpoint) -> None:
    server.is_silent = True
    assert refusal(server, seconds=0.3) == "timeout"


def test_nor_is_one_that_never_ends(server: Endpoint) -> None:
    server.says({"colour": "blue" * 200})
    server.is_slow = True
    assert refusal(server, seconds=0.5) == "timeout"


def test_an_endless_answer_is_cut_off(server: Endpoint) -> None:
    server.body = b" " * 3_000_000
    assert refusal(server) == "too_long"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[", "nonsense"])
def test_an_unreachable_service_is_no_answer(url: str) -> None:
    with pytest.raises(ModelGaveNoAnswer, match="unreachable"):
        OpenAIChat("reader", url=url, key=None, seconds=5).answer(ASKED, Colour)
