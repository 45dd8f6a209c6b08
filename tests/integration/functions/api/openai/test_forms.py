"""Forms that no client of OpenAI's sends: each gets an answer that says what is wrong with it."""

from __future__ import annotations

import pytest

from tests.integration.functions.deployment import Answer, Deployment

BOUNDARY = "fb05f5c1afce3a0cc40bc044c6542134"
ADDRESSES = (
    "/v1/images/edits",
    "/v1/images/variations",
    "/v1/files",
    "/v1/content_provenance_checks",
)


def send(deployment: Deployment, path: str, disposition: str, content: bytes) -> Answer:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data{disposition}\r\n\r\n".encode()
    body = head + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Authorization": "Bearer k"}
    return deployment.client.post(path, data=body, headers=headers)


@pytest.mark.parametrize("disposition", ["", '; name=""', '; filename="a.png"', "; filename*=utf-8''a"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_part_without_a_name_is_refused(deployment: Deployment, path: str, disposition: str) -> None:
    answer = send(deployment, path, disposition, b"x")
    assert answer.status_code == 400, answer.text
    assert answer.json["error"]["message"] == "A part of the form has no name."


def test_a_text_that_is_not_utf8_is_refused(deployment: Deployment) -> None:
    answer = send(deployment, "/v1/images/edits", '; name="prompt"', b"a red \xff boat")
    error = answer.json["error"]
    assert (answer.status_code, error["param"]) == (400, "prompt"), answer.text
    assert "UTF-8" in error["message"]


@pytest.mark.parametrize(
    ("path", "disposition", "param", "message"),
    [
        ("edits", '; name="image"', "image", "Send image as a file, with a file name."),
        ("edits", '; name="image[]"', "image", "Send image[] as a file, with a file name."),
        ("edits", '; name="mask"', "mask", "Send mask as a file, with a file name."),
        (
            "edits",
            '; name="prompt"; filename="a.txt"',
            "prompt",
            "Send prompt as a text, without a file name.",
        ),
        ("edits", '; name="other"; filename="a.txt"', "other", "Unknown parameter: 'other'."),
        ("variations", '; name="image"', "image", "Send image as a file, with a file name."),
    ],
)
def test_a_part_of_the_wrong_kind_is_named(
    deployment: Deployment, path: str, disposition: str, param: str, message: str
) -> None:
    error = send(deployment, f"/v1/images/{path}", disposition, b"x").json["error"]
    assert (error["param"], error["message"]) == (param, message)


@pytest.mark.parametrize("path", ["/v1/files", "/v1/content_provenance_checks"])
def test_a_file_that_came_as_a_text_is_named(deployment: Deployment, path: str) -> None:
    error = send(deployment, path, '; name="file"', b"x").json["error"]
    assert (error["param"], error["message"]) == ("file", "Send file as a file, with a file name.")
