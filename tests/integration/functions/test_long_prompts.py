"""The longest prompts: they reach the record whole, and stand in no message, metadata or log."""

from __future__ import annotations

import json

import pytest

from functions.contract.message import MAX_MESSAGE
from functions.contract.prompts import MAX_PROMPT
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.log_lines import LogLines

BOAT = "\N{SPEEDBOAT}"
LONGEST = BOAT * MAX_PROMPT  # 384,000 bytes as JSON may spell it


def test_the_longest_prompt_reaches_the_record_and_the_manifest(
    deployment: Deployment, log_lines: LogLines
) -> None:
    job_id = deployment.generate(prompt=LONGEST, negative_prompt=LONGEST)
    assert deployment.record(job_id).request.prompt == LONGEST
    (message,) = deployment.published(deployment.settings.jobs_topic)
    assert len(message.data) < MAX_MESSAGE and BOAT.encode() not in message.data
    manifest = deployment.succeed(job_id)
    assert manifest.origin.request.negative_prompt == LONGEST
    assert deployment.job(job_id)["state"] == "succeeded"
    assert log_lines.lines and json.dumps(BOAT)[1:-1] not in log_lines.text()


def test_one_character_more_is_refused_with_its_field(deployment: Deployment) -> None:
    answer = deployment.post({"task": "generate", "prompt": LONGEST + BOAT})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_request")
    assert answer.json["field"] == "prompt" and "32000 characters" in answer.json["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/images/generations", {"model": "mock", "size": "512x512"}),
        ("/sdapi/v1/txt2img", {"width": 512, "height": 512, "negative_prompt": LONGEST}),
    ],
)
def test_every_dialect_takes_the_longest_prompt(
    deployment: Deployment, path: str, body: dict[str, object]
) -> None:
    with painting(deployment) as painter:
        answer = deployment.client.post(path, json={**body, "prompt": LONGEST})
        assert answer.status_code == 200, answer.text[:300]
        longer = deployment.client.post(path, json={**body, "prompt": LONGEST + BOAT})
    assert 400 <= longer.status_code < 500
    assert [record.request.prompt for record in painter.drawn] == [LONGEST]


def test_gemini_takes_the_longest_prompt(deployment: Deployment) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": LONGEST}]}]}
    path = "/v1beta/models/mock:generateContent"
    with painting(deployment) as painter:
        answer = deployment.client.post(path, data=json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.text[:300]
    assert [record.request.prompt for record in painter.drawn] == [LONGEST]
