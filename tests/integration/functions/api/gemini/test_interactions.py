"""Interactions with the bodies that Google's clients send: an interaction is a job."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any

import pytest
from PIL import Image

from functions.api.gemini.interactions import interaction_stream
from functions.contract.errors import BlockFacts, ErrorFacts, NotReadyInTime
from functions.contract.job import JobRecord
from functions.waiting.finished_job import FinishedJob
from functions.waiting.synchronous_job import JOB_HEADER
from tests.integration.functions.api.event_lines import SentEvent, read_events
from tests.integration.functions.api.gemini.test_files import uploaded
from tests.integration.functions.api.painter import painting, preview
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

KEY = {"x-goog-api-key": "k", "x-goog-api-client": "google-genai-sdk/3.6.1 gl-python/3.11.7"}
PATH = "/v1/interactions"
SOON = {"X-Server-Timeout": "1"}
BLOCK = BlockFacts(categories=("hate",), policy_version="1", support_code="AAAAA-BBBBB")


def ask(
    deployment: Deployment, path: str = PATH, headers: dict[str, str] | None = None, **body: Any
) -> Answer:
    asked = {"model": "gemini-3.1-flash-image", "input": "a red boat", **body}
    return deployment.client.post(path, json=asked, headers={**KEY, **(headers or {})})


def look(deployment: Deployment, interaction: str, query: str = "stream=false", key: str = "k") -> Answer:
    return deployment.client.get(f"{PATH}/{interaction}?{query}", headers={**KEY, "x-goog-api-key": key})


def call(deployment: Deployment, method: str, path: str) -> Answer:
    return deployment.client.open(f"{PATH}/{path}", method=method, headers=KEY)


def pictures_of(body: dict[str, Any]) -> list[tuple[int, int]]:
    contents = [content for step in body["steps"] for content in step["content"]]
    return [
        Image.open(io.BytesIO(base64.b64decode(each["data"]))).size
        for each in contents
        if each["type"] == "image"
    ]


def events_of(answer: Answer) -> list[dict[str, Any]]:
    """The events of a stream as the clients take them: names repeated in the data, `[DONE]` at the end."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/event-stream"
    *blocks, rest = answer.text.split("\n\n")
    assert rest == ""
    found: list[dict[str, Any]] = []
    for block in blocks:
        if block.startswith(":"):
            continue
        *names, data = block.split("\n")
        if data == "data: [DONE]":
            assert block is blocks[-1]
            break
        event = json.loads(data.removeprefix("data: "))
        assert names == [f"event: {event['event_type']}"]
        found.append(event)
    return found


def background(deployment: Deployment, **body: Any) -> str:
    answer = ask(deployment, background=True, **body)
    assert (answer.status_code, answer.json["status"]) == (200, "in_progress"), answer.text
    return answer.json["id"]


def test_a_prompt_becomes_a_step_with_words_and_a_picture(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        answer = ask(
            deployment,
            generation_config={"seed": 7},
            response_format={"type": "image", "aspect_ratio": "16:9", "image_size": "512"},
            system_instruction="at night",
            labels={"team": "sea"},
        )
    body, [record] = answer.json, painter.drawn
    assert answer.status_code == 200
    assert (body["object"], body["status"], body["labels"]) == ("interaction", "completed", {"team": "sea"})
    assert [content["type"] for content in body["steps"][0]["content"]] == ["text", "image"]
    assert pictures_of(body) == [(688, 384)]
    assert (record.request.prompt, record.seed) == ("at night\na red boat", 7)
    assert body["id"] == answer.headers[JOB_HEADER].replace("job_", "v1_") == record.id.replace("job_", "v1_")
    assert body["usage"]["total_tokens"] == sum(
        body["usage"][name] for name in ("total_input_tokens", "total_output_tokens")
    )
    assert look(deployment, body["id"]).json == body


@pytest.mark.parametrize(
    "path",
    [
        "/v1beta/interactions",
        "/v1alpha/interactions",
        "/gemini/v1beta/interactions",
        "/v1beta1/projects/p/locations/l/interactions",
    ],
)
def test_interactions_are_taken_under_every_prefix(deployment: Deployment, path: str) -> None:
    answer = ask(deployment, path, background=True)
    assert answer.status_code == 200
    assert deployment.client.get(f"{path}/{answer.json['id']}", headers=KEY).status_code == 200


IMAGE = {"type": "image", "mime_type": "image/png"}
WORDS = {"type": "text", "text": "make it blue"}


@pytest.mark.parametrize(
    "given",
    [
        [{**IMAGE, "data": "DATA"}, WORDS],
        [{"type": "user_input", "content": [{**IMAGE, "data": "DATA"}, WORDS]}],
        [{"role": "user", "content": [{**IMAGE, "data": "DATA"}, WORDS]}],
        [
            {"type": "user_input", "content": "a boat"},
            {"type": "thought", "summary": []},
            {
                "type": "model_output",
                "content": [{"type": "text", "text": "here"}, {**IMAGE, "data": "DATA"}],
            },
            {"type": "user_input", "content": WORDS},
        ],
    ],
    ids=["contents", "a step", "a message", "steps"],
)
def test_the_picture_of_the_input_is_edited(deployment: Deployment, given: Any) -> None:
    written = json.loads(json.dumps(given).replace("DATA", base64_of(picture(320, 256))))
    with painting(deployment) as painter:
        answer = ask(deployment, input=written)
    assert answer.status_code == 200, answer.text
    [record] = painter.drawn
    assert (record.request.task, record.request.prompt) == ("edit", "make it blue")
    assert (record.width, record.height) == (320, 256)


def test_an_uploaded_file_is_edited(deployment: Deployment) -> None:
    uri = uploaded(deployment, picture(320, 256))["uri"]
    with painting(deployment) as painter:
        answer = ask(deployment, input=[{"type": "image", "uri": uri}, WORDS])
    assert answer.status_code == 200, answer.text
    assert painter.drawn[0].request.task == "edit"


def test_the_previous_picture_is_edited(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        first = ask(deployment, response_format={"type": "image", "image_size": "512"}).json
        second = ask(deployment, input="make it blue", previous_interaction_id=first["id"])
    assert second.json["previous_interaction_id"] == first["id"]
    edit = painter.drawn[1].request
    assert (edit.task, edit.prompt, painter.drawn[1].width) == ("edit", "make it blue", 512)


def test_words_of_a_previous_one_without_a_picture_are_read_again(deployment: Deployment) -> None:
    with painting(deployment, error=ErrorFacts(code="internal", message="x")):
        failed = background(deployment)
        events_of(look(deployment, failed, "stream=true"))
    with painting(deployment) as painter:
        ask(deployment, input="make it blue", previous_interaction_id=failed)
    assert painter.drawn[0].request.prompt == "a red boat\nmake it blue"


def test_a_picture_is_an_address_where_that_is_asked_for(deployment: Deployment) -> None:
    with painting(deployment):
        answer = ask(deployment, response_format=[{"type": "image", "delivery": "uri"}])
    image = answer.json["steps"][0]["content"][1]
    assert set(image) == {"type", "mime_type", "uri"}
    assert image["uri"].startswith("http")


def test_only_the_picture_comes_where_only_it_is_asked_for(deployment: Deployment) -> None:
    with painting(deployment):
        answer = ask(deployment, response_modalities=["image"])
    assert [content["type"] for content in answer.json["steps"][0]["content"]] == ["image"]


def test_a_stream_has_its_events_in_order(deployment: Deployment) -> None:
    with painting(deployment):
        found = events_of(ask(deployment, stream=True))
    assert [event["event_type"] for event in found] == [
        "interaction.created",
        "interaction.status_update",
        "step.start",
        "step.delta",
        "step.delta",
        "step.stop",
        "interaction.completed",
    ]
    statuses = [event["interaction"]["status"] for event in found if "interaction" in event]
    assert statuses == ["in_progress", "completed"]
    assert base64.b64decode(found[4]["delta"]["data"]).startswith(b"\x89PNG")
    assert "usage" in found[-1]["interaction"]


def test_a_stream_is_resumed_after_any_of_its_events(deployment: Deployment) -> None:
    with painting(deployment):
        whole = events_of(ask(deployment, stream=True))
    interaction = whole[0]["interaction"]["id"]
    assert [event["event_id"] for event in whole] == ["0", "1", "2", "3", "10", "90", "99"]
    assert events_of(look(deployment, interaction, "stream=true")) == whole
    for n, event in enumerate(whole):
        rest = look(deployment, interaction, f"stream=true&last_event_id={event['event_id']}")
        assert events_of(rest) == whole[n + 1 :]


def test_previews_are_a_thought_and_no_result(deployment: Deployment) -> None:
    shown, found = (preview(0), preview(40)), list[dict[str, Any]]()

    def seen(n: int) -> bool:
        return sum("content" in event.get("delta", {}) for event in found) >= n

    with painting(deployment, previews=shown, seen=seen):
        answer = ask(deployment, stream=True, generation_config={"thinking_summaries": "auto"})
        for event in read_events(answer):
            found.extend([event.data] if event.name else [])
    thought, *deltas, stop = [event for event in found if event.get("index") == 0]
    assert (thought["step"], thought["event_id"], stop["event_type"], stop["event_id"]) == (
        *({"type": "thought"}, "100"),
        *("step.stop", "101"),
    )
    contents = [event["delta"]["content"] for event in deltas]
    assert {event["delta"]["type"] for event in deltas} == {"thought_summary"}
    assert {each["type"] for each in contents} == {"image"}
    assert tuple(f"data:{each['mime_type']};base64,{each['data']}" for each in contents) == shown
    assert all("event_id" not in event for event in deltas)
    made = [event for event in found if event.get("index") == 1]
    assert [event["event_id"] for event in made] == ["102", "103", "110", "190"]
    assert [event["delta"]["type"] for event in made if "delta" in event] == ["text", "image"]
    interaction = found[0]["interaction"]["id"]
    for event in found:
        if "event_id" in event and int(event["event_id"]) >= 100:
            rest = look(deployment, interaction, f"stream=true&last_event_id={event['event_id']}")
            later = [each for each in found[found.index(event) + 1 :] if "event_id" in each]
            assert events_of(rest) == later


def test_a_stream_that_was_lost_amid_previews_goes_on_with_them(deployment: Deployment) -> None:
    interaction = background(deployment)
    job_id = interaction.replace("v1_", "job_")
    deployment.change(job_id, preview=preview(0))

    def finish(record: JobRecord) -> FinishedJob:
        raise NotReadyInTime(job_id=record.id)

    record = deployment.record(job_id)
    lost = interaction_stream.InteractionEvents(deployment.services, with_previews=True)
    names = [
        event.partition(b"\n")[0].removeprefix(b"event: ")
        for event in lost.follow(record, iter([record]), finish)
    ]
    assert names[-3:] == [b"step.start", b"step.delta", b"error"]
    with painting(deployment):
        rest = events_of(look(deployment, interaction, "stream=true&last_event_id=100"))
    assert rest[0]["delta"]["type"] == "thought_summary"
    assert [event["event_id"] for event in rest[1:]] == ["101", "102", "103", "110", "190", "199"]


@pytest.mark.parametrize("asked", [{}, {"thinking_summaries": "none"}])
def test_previews_are_for_those_who_ask(deployment: Deployment, asked: dict[str, str]) -> None:
    with painting(deployment, previews=(preview(0),)):
        found = events_of(ask(deployment, stream=True, generation_config=asked))
    assert [event["step"]["type"] for event in found if "step" in event] == ["model_output"]


def test_there_are_no_more_previews_than_a_stream_can_bear(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interaction_stream, "_MOST_PREVIEWS", 2)
    found: list[SentEvent] = []

    def seen(n: int) -> bool:
        return sum("thought_summary" in event.text for event in found) >= min(n, 2)

    with painting(deployment, previews=tuple(preview(40 * n) for n in range(4)), seen=seen):
        for event in read_events(
            ask(deployment, stream=True, generation_config={"thinking_summaries": "auto"})
        ):
            found.append(event)
    assert sum("thought_summary" in event.text for event in found) == 2


def test_a_stream_that_was_lost_goes_on_elsewhere(deployment: Deployment) -> None:
    lost = events_of(ask(deployment, stream=True, headers=SOON))
    assert [event["event_type"] for event in lost[:2]] == ["interaction.created", "interaction.status_update"]
    assert lost[-1]["error"]["code"] == "deadline_exceeded"
    assert "event_id" not in lost[-1]
    with painting(deployment):
        interaction = lost[0]["interaction"]["id"]
        rest = events_of(look(deployment.replace(), interaction, "stream=true&last_event_id=1"))
    assert rest[0]["event_type"] == "step.start"
    assert rest[-1]["interaction"]["status"] == "completed"


@pytest.mark.parametrize("last", ["x", "-1", "200", "9" * 30, "%C2%B2"])
def test_an_event_that_is_none_is_refused(deployment: Deployment, last: str) -> None:
    interaction = background(deployment)
    answer = look(deployment, interaction, f"stream=true&last_event_id={last}")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "invalid_argument")


def test_a_background_interaction_is_looked_at_until_it_has_ended(deployment: Deployment) -> None:
    interaction = background(deployment)
    assert look(deployment, interaction).json["steps"] == []
    with painting(deployment):
        events = events_of(look(deployment, interaction, "stream=true"))
    assert events[-1]["interaction"]["status"] == "completed"
    shown = look(deployment, interaction, "include_input=true").json
    assert shown["status"] == "completed"
    assert shown["input"] == [{"type": "user_input", "content": [{"type": "text", "text": "a red boat"}]}]


def test_a_failure_is_in_the_interaction_and_in_its_stream(deployment: Deployment) -> None:
    error = ErrorFacts(code="image_blocked", message="not this", stage="screen_output", block=BLOCK)
    with painting(deployment, error=error):
        refused = ask(deployment)
        interaction = background(deployment, input="another")
        found = events_of(look(deployment, interaction, "stream=true"))
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "invalid_argument")
    assert [event["event_type"] for event in found[2:]] == ["error", "interaction.completed"]
    assert found[-1]["interaction"]["status"] == "failed"
    shown = look(deployment, interaction).json
    assert (shown["status"], shown["errors"]) == ("failed", [found[2]["error"]])


def test_a_canceled_interaction_says_so(deployment: Deployment) -> None:
    interaction = background(deployment)
    assert call(deployment, "POST", f"{interaction}/cancel").json["status"] == "cancelled"
    assert call(deployment, "POST", f"{interaction}/cancel").json["status"] == "cancelled"
    found = events_of(look(deployment, interaction, "stream=true"))
    assert [event["event_type"] for event in found[2:]] == ["interaction.completed"]
    assert found[-1]["interaction"]["status"] == "cancelled"


def test_an_ended_interaction_is_deleted_and_not_canceled(deployment: Deployment) -> None:
    running = background(deployment)
    assert call(deployment, "DELETE", running).status_code == 400
    with painting(deployment):
        ended = ask(deployment, input="another").json["id"]
    assert call(deployment, "POST", f"{ended}/cancel").status_code == 400
    for _ in range(2):
        assert (call(deployment, "DELETE", ended).status_code, call(deployment, "DELETE", ended).json) == (
            200,
            {},
        )
    assert look(deployment, ended).status_code == 404
    refused = ask(deployment, previous_interaction_id=ended)
    assert (refused.status_code, "previous_interaction_id" in refused.text) == (400, True)


@pytest.mark.parametrize("interaction", ["v1_" + "a" * 26, "job_" + "a" * 26, "v1_", "x" * 2_000])
def test_what_is_no_interaction_is_not_found(deployment: Deployment, interaction: str) -> None:
    for method, path in (("GET", interaction), ("POST", f"{interaction}/cancel"), ("DELETE", interaction)):
        answer = call(deployment, method, path)
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_jobs_of_other_kinds_are_no_interactions(deployment: Deployment) -> None:
    job = deployment.post({"task": "upscale", "size": "1K", "images": [{"data": base64_of(picture())}]}).json[
        "id"
    ]
    assert look(deployment, job.replace("job_", "v1_")).status_code == 404


def test_another_owners_interaction_is_not_found(deployment: Deployment) -> None:
    keys = {hashlib.sha256(owner.encode()).hexdigest(): owner for owner in ("ada", "bob")}
    shared = deployment.replace(api_keys=keys)
    mine = ask(shared, background=True, headers={"x-goog-api-key": "ada"}).json["id"]
    assert look(shared, mine, key="ada").status_code == 200
    assert look(shared, mine, key="bob").status_code == 404
    edit = ask(shared, previous_interaction_id=mine, headers={"x-goog-api-key": "bob"})
    assert edit.status_code == 400
    for method, path in (("POST", f"{mine}/cancel"), ("DELETE", mine)):
        headers = {**KEY, "x-goog-api-key": "bob"}
        assert shared.client.open(f"{PATH}/{path}", method=method, headers=headers).status_code == 404


def test_a_repeat_after_the_time_was_over_finds_the_interaction(deployment: Deployment) -> None:
    late = ask(deployment, headers=SOON)
    assert (late.status_code, late.json["error"]["code"]) == (504, "deadline_exceeded")
    with painting(deployment) as painter:
        answer = ask(deployment)
    assert answer.headers[JOB_HEADER] == late.headers[JOB_HEADER]
    assert len(painter.drawn) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"input": None}, "input"),
        ({"input": 3}, "input"),
        ({"input": []}, "input"),
        ({"input": ["x"]}, "input"),
        ({"input": [{"type": "image"}, WORDS]}, "input"),
        ({"input": [{"type": "audio", "data": "aGk="}, WORDS]}, "input"),
        ({"input": [{"type": "user_input", "content": 3}]}, "input[0].content"),
        ({"input": [{"type": "function_call"}]}, "input"),
        ({"input": [{"type": "text", "text": 3}]}, "parts[0].text"),
        ({"input": [{"type": "image", "uri": "ftp://h/x"}, WORDS]}, "input.fileData.fileUri"),
        ({"previous_interaction_id": "v1_x"}, "previous_interaction_id"),
        ({"store": False}, "store"),
        ({"agent": "deep-research"}, "agent"),
        ({"webhook_config": {"uris": ["https://a.b"]}}, "webhook_config"),
        ({"response_modalities": ["text"]}, "response_modalities"),
        ({"response_format": {"type": "audio"}}, "response_format"),
        ({"response_format": {"type": "image", "image_size": "9K"}}, "response_format.image_size"),
        ({"response_format": {"type": "image", "aspect_ratio": "7:5"}}, "response_format.aspect_ratio"),
        ({"response_format": {"type": "image", "mime_type": "image/gif"}}, "response_format.mime_type"),
        ({"generation_config": {"seed": -1}}, "generation_config.seed"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_bad_input_is_told_with_its_field(deployment: Deployment, body: dict[str, Any], field: str) -> None:
    answer = ask(deployment, **body)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "invalid_argument"), answer.text
    [violation] = answer.json["error"]["details"][1]["fieldViolations"]
    assert violation["field"] == field


def test_a_previous_one_that_has_not_ended_is_told(deployment: Deployment) -> None:
    answer = ask(deployment, previous_interaction_id=background(deployment))
    assert answer.status_code == 400
    assert "has not ended" in answer.json["error"]["message"]
