"""Streams of pictures: partial pictures from the previews of a job, then the picture or an error."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import BlockFacts, ErrorFacts
from functions.waiting.synchronous_job import JOB_HEADER
from tests.integration.functions.api.event_lines import SentEvent, read_events
from tests.integration.functions.api.painter import painting, preview
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}


def open_stream(deployment: Deployment, path: str = "/v1/images/generations", **body: Any) -> Answer:
    headers = body.pop("headers", {})
    return deployment.client.post(
        path, json={"prompt": "x", "stream": True, "size": "512x512", **body}, headers={**PYTHON, **headers}
    )


def collect_events(deployment: Deployment, previews: int, **body: Any) -> list[SentEvent]:
    """The events of a stream whose worker writes each preview once the one before has arrived."""
    events: list[SentEvent] = []
    wanted = body.get("partial_images", 0)

    def seen(n: int) -> bool:
        return sum(event.name != "error" for event in events) >= min(n, wanted)

    shown = tuple(preview(40 * n) for n in range(previews))
    with painting(deployment, previews=shown, seen=seen):
        answer = open_stream(deployment, **body)
        assert answer.status_code == 200, answer.text
        for event in read_events(answer):
            events.append(event)
    return events


def size_of(event: SentEvent) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(event.data["b64_json"], validate=True))).size


@pytest.mark.parametrize(("asked", "sent"), [(0, 0), (1, 1), (3, 2)])
def test_partial_pictures_are_previews_and_at_most_as_many_as_asked_for(
    deployment: Deployment, asked: int, sent: int
) -> None:
    *partial, completed = collect_events(deployment, 2, partial_images=asked)
    assert [event.name for event in partial] == ["image_generation.partial_image"] * sent
    assert [event.data["partial_image_index"] for event in partial] == list(range(sent))
    assert [size_of(event) for event in partial] == [(16, 16)] * sent
    assert completed.name == completed.data["type"] == "image_generation.completed"
    assert size_of(completed) == (512, 512)
    assert completed.data["usage"]["total_tokens"] > 0
    assert (completed.data["size"], completed.data["output_format"]) == ("512x512", "png")


def test_an_edit_streams_under_its_own_names(deployment: Deployment) -> None:
    image = {"image_url": "data:image/png;base64," + base64_of(picture())}
    events = collect_events(
        deployment, 1, path="/v1/images/edits", images=[image], partial_images=1, size="auto"
    )
    assert [event.name for event in events] == ["image_edit.partial_image", "image_edit.completed"]


def test_each_of_several_pictures_is_completed(deployment: Deployment) -> None:
    events = collect_events(deployment, 0, n=2)
    assert [event.name for event in events] == ["image_generation.completed"] * 2


def test_a_refused_request_is_no_stream(deployment: Deployment) -> None:
    answer = open_stream(deployment, size="1x1")
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "size")


def test_a_block_ends_the_stream_with_its_error(deployment: Deployment) -> None:
    block = BlockFacts(categories=("hate",), policy_version="1", support_code="AAAAA-BBBBB")
    facts = ErrorFacts(code="image_blocked", message="No.", stage="screen_output", block=block)
    with painting(deployment, error=facts):
        [event] = list(read_events(open_stream(deployment)))
    assert event.name == event.data["type"] == "error"
    assert event.data["error"]["code"] == "moderation_blocked"


def test_a_stream_whose_time_is_over_ends_with_an_error_and_the_repeat_has_the_picture(
    deployment: Deployment,
) -> None:
    late = open_stream(deployment, headers={"x-stainless-read-timeout": "0.6"})
    [event] = list(read_events(late))
    assert event.data["error"]["code"] == "not_ready_in_time"
    with painting(deployment) as painter:
        again = open_stream(deployment)
        [completed] = list(read_events(again))
    assert completed.name == "image_generation.completed"
    assert again.headers[JOB_HEADER] == late.headers[JOB_HEADER] == painter.drawn[0].id


def test_a_streamed_answer_has_a_smaller_limit(deployment: Deployment) -> None:
    answer = open_stream(deployment, size="2048x2048", n=2)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "answer_too_large")
