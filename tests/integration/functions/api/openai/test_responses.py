"""Responses with the tool ``image_generation``, over several turns."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import BlockFacts, ErrorFacts
from tests.integration.functions.api.event_lines import read_events
from tests.integration.functions.api.openai.test_edits import mask_with_a_hole
from tests.integration.functions.api.painter import painting, preview
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
TOOL = {"type": "image_generation"}
DATA_URL = "data:image/png;base64," + base64_of(picture())


def respond(deployment: Deployment, given: Any, tool: dict[str, Any] | None = None, **body: Any) -> Answer:
    tools = [{**TOOL, **(tool or {})}]
    return deployment.client.post(
        "/v1/responses", json={"model": "gpt-5", "input": given, "tools": tools, **body}, headers=PYTHON
    )


def with_picture(text: str) -> list[dict[str, Any]]:
    parts = [{"type": "input_text", "text": text}, {"type": "input_image", "image_url": DATA_URL}]
    return [{"role": "user", "content": parts}]


def test_an_input_is_answered_with_a_call_that_made_a_picture(deployment: Deployment) -> None:
    tool = {"size": "512x512", "quality": "high", "output_format": "png", "background": "auto"}
    with painting(deployment) as painter:
        answer = respond(deployment, "draw a boat", {**tool, "model": "gpt-image-2"}, tool_choice=TOOL)
    assert answer.status_code == 200, answer.text
    body = answer.json
    assert (body["object"], body["status"], body["model"], body["error"]) == (
        *("response", "completed", "gpt-5"),
        None,
    )
    [call] = body["output"]
    assert (call["type"], call["status"], call["size"]) == ("image_generation_call", "completed", "512x512")
    assert Image.open(io.BytesIO(base64.b64decode(call["result"]))).size == (512, 512)
    assert painter.drawn[0].request.correction.attempts == 3
    assert body["id"].removeprefix("resp_") == painter.drawn[0].id.removeprefix("job_")


def test_an_input_picture_is_edited_where_the_mask_allows(deployment: Deployment) -> None:
    mask = {"image_url": "data:image/png;base64," + base64_of(mask_with_a_hole())}
    with painting(deployment) as painter:
        answer = respond(deployment, with_picture("blue"), {"action": "edit", "input_image_mask": mask})
    assert answer.status_code == 200, answer.text
    request = painter.drawn[0].request
    assert (request.task, request.prompt) == ("edit", "blue")
    assert request.mask is not None


def test_the_picture_of_the_response_before_is_edited(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        first = respond(deployment, "a boat").json
        by_id = respond(deployment, "now at night", previous_response_id=first["id"])
        call = {"type": "image_generation_call", "id": first["output"][0]["id"]}
        by_call = respond(deployment, [call, {"role": "user", "content": "at noon"}])
        result = {"type": "image_generation_call", "id": "x", "result": first["output"][0]["result"]}
        by_result = respond(deployment, [result, {"role": "user", "content": "at dawn"}])
    assert [answer.status_code for answer in (by_id, by_call, by_result)] == [200] * 3
    drawn, *edited = (record.request for record in painter.drawn)
    assert drawn.task == "generate"
    assert [request.task for request in edited] == ["edit"] * 3
    picture_name = painter.drawn[0].id
    assert all(picture_name in str(request.images[0].uri) for request in edited[:2])
    assert by_id.json["previous_response_id"] == first["id"]


def test_a_response_can_be_shown_again(deployment: Deployment) -> None:
    with painting(deployment):
        made = respond(deployment, "a boat").json
    shown = deployment.client.get(f"/v1/responses/{made['id']}", headers=PYTHON)
    assert shown.status_code == 200
    assert shown.json["output"][0]["result"] == made["output"][0]["result"]
    nothing = deployment.client.get("/v1/responses/resp_nothing", headers=PYTHON)
    assert (nothing.status_code, nothing.json["error"]["code"]) == (404, "not_found")


def test_another_owners_response_is_neither_shown_nor_edited(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        made = respond(deployment, "a boat").json
        deployment.change(painter.drawn[0].id, owner="someone-else")
        shown = deployment.client.get(f"/v1/responses/{made['id']}", headers=PYTHON)
        edited = respond(deployment, "at night", previous_response_id=made["id"])
    assert shown.status_code == 404
    assert (edited.status_code, edited.json["error"]["param"]) == (400, "previous_response_id")


def test_a_stream_has_the_events_of_the_call(deployment: Deployment) -> None:
    with painting(deployment, previews=(preview(90),)):
        events = list(read_events(respond(deployment, "x", {"partial_images": 1}, stream=True)))
    call = "response.image_generation_call."
    names = [event.name for event in events]
    assert names[:5] == [
        *("response.created", "response.in_progress", "response.output_item.added"),
        *(f"{call}in_progress", f"{call}generating"),
    ]
    assert names[-3:] == [f"{call}completed", "response.output_item.done", "response.completed"]
    assert [event.data["sequence_number"] for event in events] == list(range(len(events)))
    assert [event.data["type"] for event in events] == names
    assert events[-1].data["response"]["output"][0]["result"]


def test_a_stream_that_is_blocked_ends_as_failed(deployment: Deployment) -> None:
    block = BlockFacts(categories=("hate",), policy_version="1", support_code="AAAAA-BBBBB")
    facts = ErrorFacts(code="image_blocked", message="No.", stage="screen_output", block=block)
    with painting(deployment, error=facts):
        events = list(read_events(respond(deployment, "x", stream=True)))
    assert events[-1].name == "response.failed"
    assert events[-1].data["response"]["error"] == {"code": "moderation_blocked", "message": "No."}


@pytest.mark.parametrize(
    ("given", "tool", "body", "param"),
    [
        ("", {}, {}, "input"),
        (None, {}, {}, "input"),
        ("x", {"type": "web_search"}, {}, "tools"),
        ("x", {"size": "1x1"}, {}, "size"),
        ("x", {"action": "edit"}, {}, "input"),
        ("x", {"colour": "red"}, {}, "colour"),
        ("x", {}, {"background": True}, "background"),
        ("x", {}, {"previous_response_id": "resp_1"}, "previous_response_id"),
        ("x", {}, {"previous_response_id": 7}, "previous_response_id"),
        ([{"role": "assistant", "content": "x"}], {}, {}, "input"),
    ],
)
def test_a_bad_request_names_what_is_wrong(
    deployment: Deployment, given: Any, tool: dict[str, Any], body: dict[str, Any], param: str
) -> None:
    answer = respond(deployment, given, tool, **body)
    assert answer.status_code == 400, answer.text
    assert answer.json["error"]["param"] == param
