"""``/openapi.json`` as it is served, and the check that every answer is as it says."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.api.description.openapi_document import build_document
from functions.api.dialects import DIALECTS
from functions.api.open_pages import is_open_page
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.described_answers import DescribedAnswer, NotAsDescribed, check_answer

PATH = "/openapi.json"


def test_the_description_needs_no_key(deployment: Deployment) -> None:
    keyed = deployment.replace(api_keys={hashlib.sha256(b"secret").hexdigest(): "ada"})
    answer = keyed.client.get(PATH)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["openapi"] == "3.1.0"
    assert is_open_page(PATH)


def test_it_is_compressed_and_not_sent_again(deployment: Deployment) -> None:
    plain = deployment.client.get(PATH)
    packed = deployment.client.get(PATH, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    again = deployment.client.get(PATH, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_one_part_may_be_asked_for(deployment: Deployment) -> None:
    for name in DIALECTS:
        tags = deployment.client.get(f"{PATH}?dialect={name}").json["tags"]
        assert len(tags) == 1


@pytest.mark.parametrize("query", ["dialect=klingon", "dialect=own&dialect=openai", "x=1"])
def test_another_query_is_refused(deployment: Deployment, query: str) -> None:
    answer = deployment.client.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json["field"]) == (400, "dialect")


def test_a_deployment_may_show_none(deployment: Deployment) -> None:
    answer = deployment.replace(api_docs=False).client.get(PATH)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_each_example_is_answered_as_the_description_says(deployment: Deployment) -> None:
    """So that who tries an example sees it succeed."""
    tried = 0
    with painting(deployment):
        for path, item in build_document()["paths"].items():
            for _, body in examples_of(item):
                answer = deployment.client.post(path.replace("{model}", "gemini-2.5-flash-image"), json=body)
                assert answer.status_code in (200, 201, 202), (path, answer.text)
                assert answer.data
                tried += 1
    assert tried > 10


def examples_of(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operation in item.values():
        content = operation.get("requestBody", {}).get("content", {})
        for name, example in content.get("application/json", {}).get("examples", {}).items():
            yield name, example["value"]


def test_an_answer_with_another_shape_is_noticed(deployment: Deployment) -> None:
    answer = deployment.client.get("/v1/jobs")
    described = answer.described
    assert described is not None
    wrong = (answer.json | {"more": 1}, {"jobs": []}, answer.json | {"jobs": [{}]})
    for body in wrong:
        with pytest.raises(NotAsDescribed):
            described.check_body("application/json", json.dumps(body).encode())
    with pytest.raises(NotAsDescribed):
        described.check_media_type("text/html", has_body=True)
    with pytest.raises(NotAsDescribed):
        described.check_media_type(None, has_body=False)


def test_a_status_that_is_not_described_is_noticed(deployment: Deployment) -> None:
    response = deployment.client.get("/v1/jobs").response
    response.status_code = 418
    with pytest.raises(NotAsDescribed):
        check_answer(response)


def test_an_event_with_another_shape_is_noticed(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.succeed(job_id)
    answer = deployment.client.get(f"/v1/jobs/{job_id}/events")
    described = answer.described
    assert isinstance(described, DescribedAnswer)
    assert b"event: end" in answer.data
    with pytest.raises(NotAsDescribed):
        described.check_body("text/event-stream", b'data: {"id": 7}\n\n')
