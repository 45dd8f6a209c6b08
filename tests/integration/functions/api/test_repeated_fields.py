"""A field that is given twice has two readings: it is refused by name, however it is sent."""

from __future__ import annotations

from io import BytesIO

import pytest
from werkzeug.datastructures import MultiDict

from tests.integration.functions.deployment import Answer, Deployment, picture

OPENAI = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
GOOGLE = {"x-goog-api-key": "k"}


def send_form(deployment: Deployment, path: str, *parts: tuple[str, object]) -> Answer:
    headers = {**OPENAI, "Content-Type": "multipart/form-data"}
    return deployment.client.post(path, data=MultiDict(parts), headers=headers)


def png(name: str = "a.png", mode: str = "RGB") -> tuple[BytesIO, str]:
    return BytesIO(picture(64, 64, mode=mode)), name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/images/edits", "prompt"),
        ("/v1/images/edits", "n"),
        ("/v1/images/edits", "labels[team]"),
        ("/v1/images/variations", "size"),
        ("/v1/files", "purpose"),
        ("/v1/content_provenance_checks", "anything"),
    ],
)
def test_a_text_of_a_form(deployment: Deployment, path: str, name: str) -> None:
    answer = send_form(deployment, path, (name, "1"), (name, "2"))
    assert answer.status_code == 400
    assert answer.json["error"]["message"] == f"The field {name} is given twice."
    assert answer.json["error"]["param"] == name.partition("[")[0]
    assert deployment.objects() == set()


@pytest.mark.parametrize("name", ["mask", "markup"])
def test_a_file_of_which_a_form_has_one(deployment: Deployment, name: str) -> None:
    two = ((name, png(mode="RGBA")), (name, png("b.png", mode="RGBA")))
    answer = send_form(deployment, "/v1/images/edits", ("prompt", "x"), ("image", png()), *two)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, name)
    assert deployment.objects() == set()


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"steps": 4, "num_inference_steps": 8}, "steps"),
        ({"guidance_scale": 2, "cfg_scale": 3}, "guidance"),
        ({"labels": {"a": "b"}, "labels[a]": "c"}, "labels"),
    ],
)
def test_a_field_of_images_under_two_names(
    deployment: Deployment, given: dict[str, object], param: str
) -> None:
    answer = deployment.client.post("/v1/images/generations", json={"prompt": "x", **given}, headers=OPENAI)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, param)
    assert deployment.objects() == set()


@pytest.mark.parametrize(
    ("path", "name", "headers"),
    [
        ("/v1/jobs", "limit", {}),
        ("/v1/jobs", "text", {}),
        ("/v1/batches", "cursor", {}),
        ("/v1/jobs/job_x/images/0", "download", {}),
        ("/v1/jobs/job_x/images/0/preview", "size", {}),
        ("/v1/files", "limit", OPENAI),
        ("/v1/batches", "after", OPENAI),
        ("/v1beta/files", "pageSize", GOOGLE),
        ("/v1beta/files", "pageToken", GOOGLE),
        ("/v1beta/batches", "pageSize", GOOGLE),
        ("/v1beta1/projects/p/locations/l/batchPredictionJobs", "pageSize", GOOGLE),
    ],
)
def test_a_parameter(deployment: Deployment, path: str, name: str, headers: dict[str, str]) -> None:
    answer = deployment.client.get(f"{path}?{name}=16&{name}=17", headers=headers)
    assert answer.status_code == 400, answer.text
    assert "The parameter is given twice." in answer.text


def test_labels_are_one_parameter_for_each(deployment: Deployment) -> None:
    assert deployment.client.get("/v1/jobs?label=a:b&label=c:d").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (
            "models/mock:generateContent",
            {"generationConfig": {"imageConfig": {"aspectRatio": "1:1", "aspect_ratio": "16:9"}}},
            "aspectRatio",
        ),
        (
            "interactions",
            {"system_instruction": "a", "systemInstruction": "b", "input": "x"},
            "systemInstruction",
        ),
    ],
)
def test_a_field_of_google_in_both_spellings(
    deployment: Deployment, path: str, body: dict[str, object], field: str
) -> None:
    given = {"contents": [{"parts": [{"text": "x"}]}], "model": "mock", **body}
    answer = deployment.client.post(f"/v1beta/{path}", json=given, headers=GOOGLE)
    assert answer.status_code == 400, answer.text
    assert f"{field} is given twice" in answer.json["error"]["message"]
    assert deployment.objects() == set()


LONG = "x" * 5_000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/images/generations", {"prompt": "a boat", LONG: 1}),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": "a boat"}], "image_config": {LONG: 1}},
        ),
        ("/v1/jobs", {"task": "generate", "prompt": "a boat", LONG: 1}),
    ],
)
def test_a_long_name_is_not_repeated_whole(
    deployment: Deployment, path: str, body: dict[str, object]
) -> None:
    answer = deployment.client.post(path, json=body, headers=OPENAI)
    assert answer.status_code == 400
    assert "x" * 60 in answer.text
    assert len(answer.text) < 1_000


def test_a_long_name_in_a_form_or_a_query_is_not_repeated_whole(deployment: Deployment) -> None:
    form = send_form(deployment, "/v1/images/edits", (LONG, "1"), (LONG, "2"))
    query = deployment.client.get(f"/v1/jobs?{LONG}=1", headers={"Authorization": "Bearer k"})
    for answer in (form, query):
        assert answer.status_code == 400
        assert "x" * 60 in answer.text
        assert len(answer.text) < 1_000
