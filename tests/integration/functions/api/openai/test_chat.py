"""Chat completions with pictures, in the shape of OpenRouter."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import ErrorFacts
from tests.integration.functions.api.event_lines import read_events
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
DATA_URL = "data:image/png;base64," + base64_of(picture())
IMAGE = {"type": "image_url", "image_url": {"url": DATA_URL}}


def chat(deployment: Deployment, *messages: dict[str, Any], **body: Any) -> Answer:
    return deployment.client.post(
        "/v1/chat/completions",
        json={"model": "gpt-image-2", "messages": list(messages), "modalities": ["image", "text"], **body},
        headers=PYTHON,
    )


def user(text: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text}, *parts] if parts else text}


def size_of(image: dict[str, Any]) -> tuple[int, int]:
    head, _, data = image["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True))).size


def test_a_message_is_answered_with_a_picture(deployment: Deployment) -> None:
    system = {"role": "system", "content": "You are a painter."}
    with painting(deployment) as painter:
        answer = chat(deployment, system, user("a boat"), temperature=0.5, max_tokens=100, seed=3)
    assert answer.status_code == 200, answer.text
    [choice] = answer.json["choices"]
    [image] = choice["message"]["images"]
    assert size_of(image) == (1024, 1024)
    assert (choice["finish_reason"], choice["message"]["content"]) == ("stop", "")
    assert (answer.json["object"], answer.json["model"]) == ("chat.completion", "gpt-image-2")
    request = painter.drawn[0].request
    assert (request.task, request.prompt, request.seed) == ("generate", "a boat", 3)


def test_an_image_config_shapes_the_picture(deployment: Deployment) -> None:
    config = {"aspect_ratio": "16:9", "image_size": "512"}
    with painting(deployment) as painter:
        answer = chat(deployment, user("a boat"), image_config=config)
    assert answer.status_code == 200, answer.text
    assert (painter.drawn[0].request.size, painter.drawn[0].request.aspect_ratio) == ("512", "16:9")


@pytest.mark.parametrize(
    "messages",
    [
        (user("make it blue", IMAGE),),
        (user("draw"), {"role": "assistant", "content": "", "images": [IMAGE]}, user("make it blue")),
        (user("draw", IMAGE), {"role": "assistant", "content": None}, user("make it blue")),
    ],
)
def test_the_last_picture_is_edited(deployment: Deployment, messages: tuple[dict[str, Any], ...]) -> None:
    with painting(deployment) as painter:
        answer = chat(deployment, *messages)
    assert answer.status_code == 200, answer.text
    request = painter.drawn[0].request
    assert (request.task, request.prompt, len(request.images)) == ("edit", "make it blue", 1)


def test_a_stream_ends_with_the_picture_and_done(deployment: Deployment) -> None:
    with painting(deployment):
        events = list(read_events(chat(deployment, user("a boat"), stream=True)))
    assert events[-1].text == "[DONE]"
    chunks = [event.data for event in events[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    [image] = [
        image
        for chunk in chunks
        for choice in chunk["choices"]
        for image in choice["delta"].get("images", [])
    ]
    assert size_of(image) == (1024, 1024)
    assert chunks[-1]["usage"]["total_tokens"] > 0


def test_a_stream_that_fails_ends_with_the_error(deployment: Deployment) -> None:
    with painting(deployment, error=ErrorFacts(code="out_of_memory", message="Not enough.")):
        events = list(read_events(chat(deployment, user("a boat"), stream=True)))
    assert events[-1].data["error"]["code"] == "out_of_memory"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "draw"}, "messages"),
        ({"messages": ["draw"]}, "messages"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "messages"),
        ({"messages": [user("x", {"type": "input_audio"})]}, "messages"),
        ({"messages": [user("x", {"type": "image_url", "image_url": {"url": "no+_"}})]}, "messages"),
        ({"modalities": ["text"]}, "modalities"),
        ({"n": 0}, "n"),
        ({"image_config": {"image_size": "8K"}}, "size"),
    ],
)
def test_a_bad_request_names_what_is_wrong(deployment: Deployment, body: dict[str, Any], param: str) -> None:
    answer = chat(deployment, user("a boat"), **body)
    assert answer.status_code == 400, answer.text
    assert answer.json["error"]["param"] == param


def test_an_unknown_model_is_not_found(deployment: Deployment) -> None:
    answer = chat(deployment, user("a boat"), model="no-such-model")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "model_not_found")
