"""Errors on the wire."""

from __future__ import annotations

import json
import logging

import pytest
from flask import Response

from functions.contract.errors import NotFound, PlantainError, Transient
from functions.contract.request import JobRequest
from functions.contract.telemetry.log import log
from functions.http_edge.problem import problem_response, respond_or_error


def body(response: Response) -> dict[str, object]:
    return json.loads(response.get_data())


@pytest.mark.parametrize("error", PlantainError.tree().values())
def test_every_error_has_its_problem(error: type[PlantainError]) -> None:
    response = problem_response(error("What to do.", field="prompt"))
    assert response.mimetype == "application/problem+json"
    assert response.status_code == error.status
    assert body(response) == {
        "type": f"urn:plantain:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": "What to do.",
        "code": error.code,
        "retryable": error.retryable,
        "field": "prompt",
    }


def test_what_is_busy_says_when_to_come_back() -> None:
    assert problem_response(Transient()).headers["Retry-After"]
    assert "Retry-After" not in problem_response(NotFound()).headers


def test_a_bug_is_told_without_a_trace_and_recorded_with_one(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Response:
        raise ZeroDivisionError("the secret is 42")

    with caplog.at_level(logging.INFO):
        response = respond_or_error(broken)
    told = body(response)
    assert (response.status_code, told["code"]) == (500, "internal")
    assert "secret" not in response.get_data(as_text=True)
    (line,) = caplog.records
    assert getattr(line, "plantain_facts")["instance"] == told["instance"]  # noqa: B009 - set by logging
    assert "ZeroDivisionError" in caplog.text


def test_a_lone_surrogate_does_not_reach_the_wire() -> None:
    text = problem_response(NotFound("\ud800", field="\udfff")).get_data(as_text=True)
    assert json.loads(text)["detail"].encode()
    assert "\\ud800" not in text


def test_logs_are_lines_of_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("plantain")
    monkeypatch.setattr(logger, "handlers", [])
    log("something.happened", "WARNING", job_id="job_x", at=object)
    line = json.loads(capsys.readouterr().err)
    assert (line["severity"], line["message"], line["job_id"]) == ("WARNING", "something.happened", "job_x")


def test_a_refused_field_is_not_logged_with_a_trace(caplog: pytest.LogCaptureFixture) -> None:
    asked = {"task": "generate", "prompt": "a secret prompt\x00"}

    def broken() -> Response:
        JobRequest.model_validate(asked)
        raise AssertionError

    with caplog.at_level(logging.INFO):
        assert respond_or_error(broken).status_code == 500
    assert "a secret prompt" not in caplog.text
