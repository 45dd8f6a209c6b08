"""OpenAI's images, asked for with the bodies that its clients send."""

from __future__ import annotations

import base64
import io
import urllib.request
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import BlockFacts, ErrorFacts
from functions.waiting.synchronous_job import JOB_HEADER
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment
from tests.integration.functions.log_lines import LogLines

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k", "x-stainless-retry-count": "0"}


def generate(deployment: Deployment, path: str = "/v1/images/generations", **body: Any) -> Answer:
    headers = body.pop("headers", {})
    return deployment.client.post(path, json={"prompt": "a red boat", **body}, headers={**PYTHON, **headers})


def decoded(picture: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(picture["b64_json"], validate=True)))


def test_a_prompt_alone_gives_one_picture_in_base64(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        answer = generate(deployment)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-request-id"].startswith("req_")
    [record] = painter.drawn
    assert answer.headers[JOB_HEADER] == record.id
    body = answer.json
    [picture] = body["data"]
    assert decoded(picture).size == (1024, 1024)
    assert body["created"] == int(record.created.timestamp())
    assert (body["size"], body["output_format"], body["background"]) == ("1024x1024", "png", "opaque")
    assert body["quality"] == "medium"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert record.request.wanted == "a red boat"


@pytest.mark.parametrize(
    "path",
    [
        "/images/generations",
        "/openai/v1/images/generations",
        "/openai/deployments/gpt-image-2/images/generations?api-version=2025-04-01-preview",
    ],
)
def test_other_bases_and_azures_path_work_too(deployment: Deployment, path: str) -> None:
    with painting(deployment):
        answer = generate(deployment, path, size="512x512")
    assert answer.status_code == 200, answer.text


def test_every_field_of_the_python_client_has_its_place(deployment: Deployment) -> None:
    fields: dict[str, Any] = {
        "model": "gpt-image-2",
        "background": "opaque",
        "complexity": "high",
        "moderation": "low",
        "n": 2,
        "output_compression": 80,
        "output_format": "webp",
        "quality": "high",
        "response_format": "b64_json",
        "safety_identifier": "s",
        "size": "512x512",
        "style": "vivid",
        "user": "u",
        "seed": 7,
        "num_inference_steps": 3,
        "guidance_scale": 2.5,
        "negative_prompt": "fog",
    }
    with painting(deployment) as painter:
        answer = generate(deployment, **fields)
    assert answer.status_code == 200, answer.text
    assert [decoded(picture).format for picture in answer.json["data"]] == ["WEBP", "WEBP"]
    request = painter.drawn[0].request
    assert (request.count, request.seed, request.steps, request.guidance) == (2, 7, 3, 2.5)
    assert (request.negative_prompt, request.correction.attempts) == ("fog", 3)
    assert (request.format, request.quality) == ("webp", 80)
    assert (answer.json["quality"], answer.json["output_format"]) == ("high", "webp")


@pytest.mark.parametrize(
    ("asked", "quality"),
    [
        ({"output_format": "jpeg", "output_compression": 0}, 1),
        ({"output_format": "jpeg", "output_compression": 100}, 100),
        ({"output_format": "webp"}, None),
        ({"output_compression": 100}, None),  # LibreChat sends it with every request
    ],
)
def test_the_compression_is_the_quality_of_a_lossy_file(
    deployment: Deployment, asked: dict[str, Any], quality: int | None
) -> None:
    with painting(deployment) as painter:
        answer = generate(deployment, size="512x512", **asked)
    assert answer.status_code == 200, answer.text
    assert painter.drawn[0].request.quality == quality


def test_null_means_left_out(deployment: Deployment) -> None:
    with painting(deployment):
        answer = generate(deployment, size=None, n=None, quality=None, user=None)
    assert answer.status_code == 200, answer.text


def test_a_url_leads_to_the_picture_without_a_key(deployment: Deployment) -> None:
    with painting(deployment):
        answer = generate(deployment, response_format="url", size="512x512")
    [picture] = answer.json["data"]
    assert "b64_json" not in picture
    with urllib.request.urlopen(picture["url"]) as found:
        assert found.headers["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(found.read())).size == (512, 512)


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({"size": "1000x1000"}, 400, "size", "invalid_value"),
        ({"size": "big"}, 400, "size", "invalid_value"),
        ({"width": 512}, 400, "size", "invalid_value"),
        ({"model": "no-such-model"}, 404, "model", "model_not_found"),
        ({"n": 0}, 400, "n", "invalid_value"),
        ({"n": 11}, 400, "n", "invalid_value"),
        ({"prompt": " "}, 400, "prompt", "invalid_value"),
        ({"background": "transparent"}, 400, "background", "invalid_value"),
        ({"output_format": "svg"}, 400, "output_format", "invalid_value"),
        ({"output_format": "tiff"}, 400, "output_format", "invalid_value"),
        ({"output_compression": 101}, 400, "output_compression", "invalid_value"),
        ({"output_compression": 50}, 400, "output_compression", "invalid_value"),
        ({"output_compression": 0}, 400, "output_compression", "invalid_value"),
        ({"partial_images": 4}, 400, "partial_images", "invalid_value"),
        ({"quality": "best"}, 400, "quality", "invalid_value"),
        ({"colour": "red"}, 400, "colour", "unknown_parameter"),
        ({"seed": -1}, 400, "seed", "invalid_value"),
    ],
)
def test_a_bad_field_is_named_in_openais_shape(
    deployment: Deployment, body: dict[str, Any], status: int, param: str, code: str
) -> None:
    answer = generate(deployment, **body)
    assert answer.status_code == status, answer.text
    error = answer.json["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert error["message"]
    assert answer.headers["x-request-id"]
    assert deployment.published(deployment.settings.jobs_topic) == []


def test_no_prompt_names_the_prompt(deployment: Deployment) -> None:
    answer = deployment.client.post("/v1/images/generations", json={"model": "mock"}, headers=PYTHON)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "prompt")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/images/generations", 405), ("POST", "/v1/images/nothing", 404), ("GET", "/openai/x", 404)],
)
def test_an_unknown_address_is_an_error_in_openais_shape(
    deployment: Deployment, method: str, path: str, status: int
) -> None:
    answer = deployment.client.open(path, method=method, headers=PYTHON)
    assert answer.status_code == status
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}


def test_a_wrong_key_is_an_error_in_openais_shape(deployment: Deployment) -> None:
    closed = deployment.replace(api_keys={"0" * 64: "someone"})
    answer = generate(closed)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "invalid_api_key")


def test_a_body_that_is_no_json_is_an_error_in_openais_shape(deployment: Deployment) -> None:
    headers = {**PYTHON, "Content-Type": "application/json"}
    answer = deployment.client.post("/v1/images/generations", data=b"{", headers=headers)
    assert (answer.status_code, answer.json["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("code", "stage", "param", "moderated"),
    [
        ("prompt_blocked", "screen", "prompt", "input"),
        ("image_blocked", "screen_output", None, "output"),
    ],
)
def test_a_block_is_told_as_openai_tells_it(
    deployment: Deployment, code: str, stage: str, param: str | None, moderated: str
) -> None:
    block = BlockFacts(categories=("violence",), policy_version="1", support_code="AAAAA-BBBBB")
    facts = ErrorFacts(code=code, message="It is not allowed.", stage=stage, block=block)
    with painting(deployment, error=facts):
        answer = generate(deployment)
    assert answer.status_code == 400
    error = answer.json["error"]
    assert (error["type"], error["code"]) == ("image_generation_user_error", "moderation_blocked")
    assert error["param"] == param
    assert error["moderation_details"] == {"moderation_stage": moderated, "categories": ["violence"]}


def test_a_failed_job_is_not_repeated_by_the_client(deployment: Deployment) -> None:
    facts = ErrorFacts(code="out_of_memory", message="Not enough memory.")
    with painting(deployment, error=facts):
        answer = generate(deployment)
    assert answer.status_code == 507
    assert (answer.json["error"]["type"], answer.json["error"]["code"]) == ("server_error", "out_of_memory")
    assert answer.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("code", ["out_of_memory", "image_blocked"])
def test_the_answer_of_a_job_that_failed_names_the_job(deployment: Deployment, code: str) -> None:
    with painting(deployment, error=ErrorFacts(code=code, message="No.", stage="diffuse")) as painter:
        answer = generate(deployment)
    assert answer.headers["X-Plantain-Job"] == painter.drawn[0].id


def test_a_picture_that_is_not_ready_is_found_by_the_clients_repeat(deployment: Deployment) -> None:
    late = generate(deployment, headers={"x-stainless-read-timeout": "0.6"})
    assert late.status_code == 504
    assert late.headers["x-should-retry"] == "true"
    job_id = late.headers[JOB_HEADER]
    with painting(deployment) as painter:
        found = generate(deployment, headers={"x-stainless-retry-count": "1"})
    assert found.status_code == 200, found.text
    assert found.headers[JOB_HEADER] == job_id
    assert [record.id for record in painter.drawn] == [job_id]


def test_what_fits_no_answer_is_refused_before_it_is_drawn(deployment: Deployment) -> None:
    answer = generate(deployment, n=4, size="4096x4096")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "answer_too_large")
    assert deployment.published(deployment.settings.jobs_topic) == []


def test_names_of_end_users_are_not_logged(deployment: Deployment, log_lines: LogLines) -> None:
    secrets = {"user": "user-secret", "safety_identifier": "safety-secret"}
    with painting(deployment):
        generate(deployment, **secrets, labels={"team": "label-secret"}, prompt="a prompt-secret")
    assert log_lines.of("job.admitted")
    assert "secret" not in log_lines.text()


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/images/edits", "/v1/chat/completions"])
def test_a_body_that_is_too_large_is_an_error_in_openais_shape(deployment: Deployment, path: str) -> None:
    answer = deployment.client.post(
        path,
        input_stream=io.BytesIO(b"{}"),
        headers={**PYTHON, "Content-Type": "application/json"},
        environ_overrides={"CONTENT_LENGTH": str(31 * 2**20)},
    )
    assert answer.status_code == 413, answer.text
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
    assert answer.headers["Connection"] == "close"


def test_a_body_that_ends_too_early_is_an_error_in_openais_shape(deployment: Deployment) -> None:
    answer = deployment.client.post(
        "/v1/images/generations",
        input_stream=io.BytesIO(b'{"prompt"'),
        headers={**PYTHON, "Content-Type": "application/json"},
        environ_overrides={"CONTENT_LENGTH": "100"},
    )
    assert (answer.status_code, answer.json["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/moderations", "/v1/audio/speech", "/v1/videos"])
def test_what_is_not_here_is_an_error_in_openais_shape(deployment: Deployment, path: str) -> None:
    answer = deployment.client.post(path, json={}, headers=PYTHON)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
