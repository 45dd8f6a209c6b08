"""How each dialect tells that a limit is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.api.openai import errors as openai_errors
from functions.contract.errors import LimitReached, OutOfMemory
from functions.contract.owner_limits import OwnerLimits
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment

OPENAI_CALLS = [
    ("/v1/images/generations", {}),
    ("/v1/images/generations", {"stream": True}),
    ("/v1/chat/completions", {}),
    ("/v1/responses", {"tools": [{"type": "image_generation"}]}),
    ("/v1/responses", {"tools": [{"type": "image_generation"}], "stream": True}),
]
PROMPTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "/v1/jobs": lambda prompt: {"prompt": prompt},
    "/v1/images/generations": lambda prompt: {"prompt": prompt},
    "/v1/chat/completions": lambda prompt: {"messages": [{"role": "user", "content": prompt}]},
    "/v1/responses": lambda prompt: {"input": prompt},
}
"""How a request of each address names its prompt."""
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
    assert told(answer) == {"limit": "1", "remaining": "0", "reset": "5s"}
    assert (answer.headers["Retry-After"], answer.headers["x-should-retry"]) == ("5", "true")


def told(answer: Answer) -> dict[str, str]:
    """What the headers say, without the beginning and the end of their names."""
    return {
        name.removeprefix("x-ratelimit-").removesuffix("-requests"): value
        for name, value in answer.headers.items()
        if name.startswith("x-ratelimit-")
    }


@pytest.mark.parametrize(("path", "body"), [("/v1/jobs", JOB), *OPENAI_CALLS])
def test_an_answer_that_counts_tells_what_is_left(
    deployment: Deployment, path: str, body: dict[str, Any]
) -> None:
    few = deployment.replace(limits={"*": OwnerLimits(jobs_per_minute=3, jobs_at_once=30)})
    with painting(few):
        answers = [few.post({**body, **PROMPTS[path](str(n))}, path) for n in range(4)]
    assert [told(answer)["limit"] for answer in answers] == ["3"] * 4
    assert [told(answer)["remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert all(1 <= int(told(answer)["reset"].removesuffix("s")) <= 60 for answer in answers)
    assert [answer.status_code for answer in answers][-1] == 429


def test_jobs_at_once_are_told_where_nothing_limits_those_of_a_minute(deployment: Deployment) -> None:
    few = deployment.replace(limits={"*": OwnerLimits(jobs_at_once=2)})
    answers = [few.post(JOB) for _ in range(3)]
    assert [told(answer) for answer in answers] == [
        {"limit": "2", "remaining": left, "reset": "5s"} for left in ("1", "0", "0")
    ]


def test_a_job_that_failed_has_counted(deployment: Deployment) -> None:
    few = deployment.replace(limits={"*": OwnerLimits(jobs_per_minute=3)})
    with painting(few, error=OutOfMemory().facts()):
        answer = few.post({"prompt": "a boat"}, "/v1/images/generations")
    assert (answer.status_code, told(answer)["remaining"]) == (507, "2")


def test_what_does_not_count_tells_nothing(deployment: Deployment) -> None:
    assert told(deployment.post(JOB)) == {}
    few = deployment.replace(limits={"*": OwnerLimits(jobs_per_minute=3)})
    assert told(few.post(JOB, Idempotency_Key="order-1"))
    assert told(few.post(JOB, Idempotency_Key="order-1")) == {}
    assert told(few.client.get("/v1/jobs")) == {}


def test_google_s_and_the_webui_s_clients_are_told_as_those_services_do(deployment: Deployment) -> None:
    few = deployment.replace(limits={"*": OwnerLimits(jobs_per_minute=3)})
    body = {"contents": [{"parts": [{"text": "a boat"}]}]}
    with painting(few):
        google = few.post(body, "/v1beta/models/mock:generateContent")
        webui = few.post({"prompt": "a boat"}, "/sdapi/v1/txt2img")
    assert (google.status_code, told(google)) == (200, {})
    assert (webui.status_code, told(webui)) == (200, {})


def test_a_pause_that_openai_s_clients_do_not_make_is_not_asked_of_them() -> None:
    answer = openai_errors.error_response(LimitReached("Tomorrow.", retry_after=40_000))
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
