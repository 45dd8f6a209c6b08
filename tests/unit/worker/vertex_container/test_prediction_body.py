"""The body of a prediction."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.contract.errors import InvalidRequest, RequestTooLarge, UnsupportedVersion
from worker.vertex_container.prediction_body import MAX_INSTANCES, parse_prediction_request

JOB = "job_" + "a" * 26


def body(*instances: Any, **more: Any) -> bytes:
    return json.dumps({"instances": instances, **more}).encode()


def test_each_instance_is_a_jobs_message() -> None:
    other = "job_" + "b" * 26
    found = parse_prediction_request(
        body({"version": 1, "job_id": JOB}, {"job_id": other}, parameters={"any": 1})
    )
    assert [message.job_id for message in found.messages] == [JOB, other]
    assert parse_prediction_request(body({"job_id": JOB}, parameters=None)).messages[0].job_id == JOB


@pytest.mark.parametrize(
    ("parameters", "brief"), [({"brief": True}, True), ({"brief": False}, False), ({"brief": 1}, False)]
)
def test_a_request_may_be_a_brief_one(parameters: Any, brief: bool) -> None:
    assert parse_prediction_request(body({"job_id": JOB}, parameters=parameters)).brief is brief


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"{}",
        b'{"instances": {}}',
        b'{"instances": []}',
        b'{"instances": [1]}',
        b'{"instances": ["\\ud800"]}',
        b'{"instances": [{"job_id": "../jobs"}]}',
        b'{"instances": [' + b"[" * 100_000,
        b'{"instances": [{"job_id": "' + JOB.encode() + b'", "pixels": "AAAA"}]}',
        body({"job_id": JOB}, parameters=[]),
        body({"job_id": JOB}, more=1),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_prediction_request(data)


def test_the_one_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_prediction_request(body({"job_id": JOB}, {"job_id": 7}))
    assert refused.value.field == "instances[1]"


def test_a_newer_message_is_told_apart() -> None:
    with pytest.raises(UnsupportedVersion):
        parse_prediction_request(body({"version": 2, "job_id": JOB}))


def test_there_is_a_limit() -> None:
    with pytest.raises(RequestTooLarge):
        parse_prediction_request(body(*[{"job_id": JOB}] * (MAX_INSTANCES + 1)))
