"""How each dialect tells that a limit is reached."""

from __future__ import annotations

import pytest

from functions.api.openai import errors as openai_errors
from functions.contract.errors import LimitReached
from functions.contract.owner_limits import OwnerLimits
from tests.integration.functions.deployment import Deployment

JOB = {"task": "generate", "prompt": "a boat", "size": "512"}


@pytest.fixture
def full(deployment: Deployment) -> Deployment:
    """A deployment whose caller may make no further job."""
    few = deployment.replace(limits={"*": OwnerLimits(jobs_at_once=1)})
    assert few.post(JOB).status_code == 202
    return few


def test_openai_s_clients_are_told_in_their_words(full: Deployment) -> None:
    answer = full.post({"prompt": "a boat"}, "/v1/images/generations")
    assert answer.status_code == 429
    assert (answer.json["error"]["type"], answer.json["error"]["code"]) == ("requests", "rate_limit_exceeded")
    told = {name: answer.headers[f"x-ratelimit-{name}-requests"] for name in ("limit", "remaining", "reset")}
    assert told == {"limit": "1", "remaining": "0", "reset": "5s"}
    assert (answer.headers["Retry-After"], answer.headers["x-should-retry"]) == ("5", "true")


def test_a_pause_that_openai_s_clients_do_not_make_is_not_asked_of_them() -> None:
    answer = openai_errors.error_response(LimitReached("Tomorrow.", unit="bytes", retry_after=40_000))
    assert (answer.headers["Retry-After"], answer.headers["x-should-retry"]) == ("40000", "false")
    assert "x-ratelimit-limit-requests" not in answer.headers


def test_google_s_clients_are_told_in_their_words(full: Deployment) -> None:
    body = {"contents": [{"parts": [{"text": "a boat"}]}]}
    answer = full.post(body, "/v1beta/models/mock:generateContent")
    error = answer.json["error"]
    assert (answer.status_code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "5s"} in error["details"]
    assert answer.headers["Retry-After"] == "5"


def test_the_webui_s_clients_are_told_in_their_words(full: Deployment) -> None:
    answer = full.post({"prompt": "a boat"}, "/sdapi/v1/txt2img")
    assert (answer.status_code, answer.json["error"], answer.headers["Retry-After"]) == (
        429,
        "limit_reached",
        "5",
    )
