"""Each dialect says what was not understood, and takes a picture outside the domain where that is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.contract.intent_facts import FigureFacts, IntentFacts
from tests.integration.functions.api.event_lines import read_events
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

OPENAI = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
INTENT = IntentFacts(
    by="rules",
    prompt="a red boat",
    figures=(FigureFacts(subject="boat", colour="red", count=1), FigureFacts(subject="unicorn")),
    unrecognized=("unicorn",),
)
WORDS = "Understood: 1 red boat. Not understood: unicorn."
PICTURE = base64_of(picture())
DATA_URL = "data:image/png;base64," + PICTURE
TOOL = {"tools": [{"type": "image_generation"}]}
USER = {"messages": [{"role": "user", "content": "a red boat"}]}


def post(deployment: Deployment, path: str, **body: Any) -> Answer:
    return deployment.client.post(path, json=body, headers=OPENAI)


def last_event(answer: Answer) -> dict[str, Any]:
    return [event.data for event in read_events(answer) if event.text != "[DONE]"][-1]


def words_of_chat_stream(answer: Answer) -> str:
    chunks = [event.data for event in read_events(answer) if event.text != "[DONE]"]
    return "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])


def words_of_response(body: dict[str, Any]) -> str:
    return "".join(
        part["text"] for item in body["output"] if item["type"] == "message" for part in item["content"]
    )


TOLD: dict[str, Callable[[Deployment], str]] = {
    "images": lambda deployment: post(deployment, "/v1/images/generations", prompt="a red boat").json["data"][
        0
    ]["description"],
    "images, streamed": lambda deployment: last_event(
        post(deployment, "/v1/images/generations", prompt="a red boat", stream=True)
    )["description"],
    "chat": lambda deployment: post(deployment, "/v1/chat/completions", **USER).json["choices"][0]["message"][
        "content"
    ],
    "chat, streamed": lambda deployment: words_of_chat_stream(
        post(deployment, "/v1/chat/completions", **USER, stream=True)
    ),
    "responses": lambda deployment: words_of_response(
        post(deployment, "/v1/responses", input="a red boat", **TOOL).json
    ),
    "WebUI": lambda deployment: json.loads(
        post(deployment, "/sdapi/v1/txt2img", prompt="a red boat").json["info"]
    )["comments"][0],
}


@pytest.mark.parametrize("dialect", TOLD)
def test_what_was_not_understood_is_told(deployment: Deployment, dialect: str) -> None:
    with painting(deployment, facts={"intent": INTENT}):
        assert TOLD[dialect](deployment) == WORDS


def test_a_streamed_response_has_the_events_of_its_message(deployment: Deployment) -> None:
    with painting(deployment, facts={"intent": INTENT}):
        answer = post(deployment, "/v1/responses", input="a red boat", **TOOL, stream=True)
        events = [event.data for event in read_events(answer)]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"].removeprefix("response.") for event in events][-8:] == [
        "output_item.done",  # the picture
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert words_of_response(events[-1]["response"]) == WORDS


def test_nothing_is_said_where_nothing_is_known(deployment: Deployment) -> None:
    with painting(deployment):
        assert "description" not in post(deployment, "/v1/images/generations", prompt="x").json["data"][0]
        [item] = post(deployment, "/v1/responses", input="x", **TOOL).json["output"]
        assert item["type"] == "image_generation_call"


TYPESET = {"lettering": "typeset"}
EDITS: dict[str, tuple[str, dict[str, Any]]] = {
    "OpenAI": (
        "/v1/images/edits",
        {"prompt": "blue", "images": [{"image_url": DATA_URL}], "allow_outside_domain": True, **TYPESET},
    ),
    "Gemini": (
        "/v1beta/models/mock:generateContent",
        {
            "contents": [
                {"parts": [{"text": "blue"}, {"inlineData": {"data": PICTURE, "mimeType": "image/png"}}]}
            ],
            "generationConfig": {"allowOutsideDomain": True, **TYPESET},
        },
    ),
    "WebUI": (
        "/sdapi/v1/img2img",
        {"prompt": "blue", "init_images": [PICTURE], "allow_outside_domain": True, **TYPESET},
    ),
}


@pytest.mark.parametrize("dialect", EDITS)
def test_each_dialect_takes_fields_of_ours(deployment: Deployment, dialect: str) -> None:
    path, body = EDITS[dialect]
    with painting(deployment) as painter:
        answer = deployment.client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert painter.drawn[0].request.allow_outside_domain
    assert painter.drawn[0].request.lettering == "typeset"
