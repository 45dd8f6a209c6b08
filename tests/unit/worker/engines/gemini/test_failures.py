"""Refusals, failures and answers of every other shape: each is one of our errors; some are tried again."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from functions.contract.errors import (
    Blocked,
    Canceled,
    ImageBlocked,
    LeaseLost,
    ModelUnavailable,
    PlantainError,
    PromptBlocked,
    Transient,
    UnsupportedTask,
)
from tests.unit.worker.engines.gemini.drawing import KEY, PROMPT, build_brief, draw, engine, go_on
from tests.unit.worker.engines.gemini.service import Answer, Service, candidate, failed, inline, refused, said
from worker.engines.gemini.engine import TRIES, GeminiEngine
from worker.engines.gemini.failures import classify_failure

RETRY_SOON = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.01s"}


def error_of(made: GeminiEngine, kind: type[PlantainError], seed: int = 1) -> PlantainError:
    with pytest.raises(kind) as caught:
        draw(made, seed=seed)
    assert type(caught.value) is kind
    assert KEY not in caught.value.message
    assert PROMPT not in caught.value.message
    return caught.value


# What Google refuses. -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "category"),
    [
        ("SAFETY", "unsafe_content"),
        ("PROHIBITED_CONTENT", "prohibited_content"),
        ("BLOCKLIST", "blocklist"),
        ("JAILBREAK", "jailbreak"),
        ("MODEL_ARMOR", "model_armor"),
        ("OTHER", "unsafe_content"),
        ("A_REASON_OF_NEXT_YEAR", "unsafe_content"),
    ],
)
@pytest.mark.filterwarnings("ignore:A_REASON_OF_NEXT_YEAR")
def test_a_blocked_prompt_is_told_with_its_category(google: Service, reason: str, category: str) -> None:
    google.script = [refused(reason)]
    error = error_of(engine(google), PromptBlocked)
    assert isinstance(error, Blocked)
    assert error.block is not None
    assert error.block.categories == (category,)
    assert error.block.support_code in error.message
    assert error.field == "prompt"
    assert len(google.heard) == 1


def test_a_blocked_input_is_the_pictures_fault(google: Service) -> None:
    google.script = [refused("IMAGE_SAFETY")]
    assert error_of(engine(google), ImageBlocked).field is None


@pytest.mark.parametrize(
    ("reason", "category"),
    [
        ("SAFETY", "unsafe_content"),
        ("IMAGE_SAFETY", "unsafe_content"),
        ("PROHIBITED_CONTENT", "prohibited_content"),
        ("IMAGE_PROHIBITED_CONTENT", "prohibited_content"),
        ("RECITATION", "recitation"),
        ("IMAGE_RECITATION", "recitation"),
        ("SPII", "personal_data"),
        ("BLOCKLIST", "blocklist"),
    ],
)
def test_a_blocked_picture_is_told_with_its_category(google: Service, reason: str, category: str) -> None:
    google.script = [candidate({"text": "I must not."}, reason=reason)]
    error = error_of(engine(google), ImageBlocked)
    assert isinstance(error, Blocked)
    assert error.block is not None
    assert error.block.categories == (category,)
    assert len(google.heard) == 1


def test_the_rating_that_blocked_names_the_category(google: Service) -> None:
    ratings = [
        {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"},
        {"category": "HARM_CATEGORY_IMAGE_HATE", "probability": "HIGH", "blocked": True},
    ]
    google.script = [
        candidate(reason="SAFETY", safetyRatings=ratings),
        refused("SAFETY", safetyRatings=ratings),
    ]
    for kind in (ImageBlocked, PromptBlocked):
        error = error_of(engine(google), kind)
        assert isinstance(error, Blocked)
        assert error.block is not None
        assert error.block.categories == ("image_hate",)


# What is no picture. ------------------------------------------------------------------------------------

WORDS = {"text": "What colour should the boat have?"}
SHAPES: dict[str, Answer] = {
    "words": candidate(WORDS),
    "no part": candidate(),
    "no content": said({"candidates": [{"finishReason": "STOP"}]}),
    "NO_IMAGE": candidate(reason="NO_IMAGE"),
    "IMAGE_OTHER": candidate(reason="IMAGE_OTHER"),
    "cut off": candidate(WORDS, reason="MAX_TOKENS"),
    "another language": candidate(reason="LANGUAGE"),
    "no reason": candidate(WORDS, reason=None),
    "a sound": candidate(inline(b"RIFF", "audio/wav")),
    "only a thought": candidate(inline(b"\x89PNG", thought=True)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_without_a_picture_is_asked_for_again_and_then_told(google: Service, shape: str) -> None:
    google.script = [SHAPES[shape]] * TRIES
    error = error_of(engine(google), UnsupportedTask)
    assert "without a picture" in error.message
    assert "colour" not in error.message
    assert len(google.heard) == TRIES


def test_a_second_try_may_draw(google: Service) -> None:
    google.script = [SHAPES["words"]]
    assert draw(engine(google)).shape == (64, 64, 3)
    assert len(google.heard) == 2


UNREADABLE: dict[str, Answer] = {
    "no JSON": Answer(body=b"<html>"),
    "empty": Answer(body=b""),
    "not UTF-8": Answer(body=b"\xff\xfe{}"),
    "a list": said([]),
    "a string": said("picture"),
    "candidates of another kind": said({"candidates": "none"}),
    "parts of another kind": said({"candidates": [{"content": {"parts": 3}}]}),
    "no base64": said(
        {"candidates": [{"content": {"parts": [{"inlineData": {"data": "%", "mimeType": "image/png"}}]}}]}
    ),
    "no candidate": said({"candidates": [], "modelVersion": "an-image-model"}),
    "nothing": said({}),
    "no picture inside": candidate(inline(b"not a picture")),
    "half a picture": candidate(inline(b"\x89PNG\r\n\x1a\n" + bytes(100))),
}


@pytest.mark.parametrize("shape", UNREADABLE)
def test_an_answer_that_cannot_be_read_may_be_mended_by_another_try(google: Service, shape: str) -> None:
    google.script = [UNREADABLE[shape]] * TRIES
    assert error_of(engine(google), Transient).retryable
    assert len(google.heard) == TRIES


# What fails. --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 499, 500, 502, 503, 504])
def test_a_busy_or_broken_service_is_tried_again_and_then_left_to_the_queue(
    google: Service, status: int
) -> None:
    google.script = [failed(status, "UNAVAILABLE", message=f"{KEY} {PROMPT}")] * TRIES
    assert error_of(engine(google), Transient).retryable
    assert len(google.heard) == TRIES
    assert len({heard.config["seed"] for heard in google.heard}) == 1


def test_a_quota_that_comes_back_is_waited_for(google: Service) -> None:
    google.script = [failed(429, "RESOURCE_EXHAUSTED", RETRY_SOON)]
    assert draw(engine(google)).shape == (64, 64, 3)


def test_a_pause_that_is_asked_for_is_kept(google: Service) -> None:
    google.script = [failed(429, "RESOURCE_EXHAUSTED", {"retryDelay": "0.6s"})]
    began = time.monotonic()
    draw(engine(google))
    assert time.monotonic() - began >= 0.6


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_setup_that_cannot_work_is_not_tried_again(google: Service, status: int) -> None:
    google.script = [failed(status, "PERMISSION_DENIED", message=KEY)]
    assert not error_of(engine(google), ModelUnavailable).retryable
    assert len(google.heard) == 1


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("INVALID_ARGUMENT", [{"reason": "API_KEY_INVALID", "domain": "googleapis.com"}]),
        ("FAILED_PRECONDITION", []),
    ],
)
def test_a_400_may_be_of_the_setup_as_well(google: Service, name: str, details: list[Any]) -> None:
    google.script = [failed(400, name, *details)]
    error_of(engine(google), ModelUnavailable)


def test_a_request_that_is_not_taken_is_not_repeated_and_its_fields_are_logged(
    google: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "plantain")
    fields = {"fieldViolations": [{"field": "generation_config.image_config", "description": PROMPT}]}
    google.script = [failed(400, "INVALID_ARGUMENT", fields, message=PROMPT)]
    error_of(engine(google), UnsupportedTask)
    assert len(google.heard) == 1
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "generation_config.image_config" in logged
    assert PROMPT not in logged


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'"no"', b'{"error": "no"}', b'{"error": {"details": 3}}']
)
def test_an_error_of_another_shape_is_one_all_the_same(google: Service, body: bytes) -> None:
    google.script = [Answer(503, body)] * TRIES
    error_of(engine(google), Transient)


def test_an_unreachable_service_may_be_there_later(google: Service) -> None:
    made = engine(Service(url="http://127.0.0.1:9"))
    assert "cannot be reached" in error_of(made, Transient).message


def test_a_call_that_hangs_is_given_up_each_time(google: Service) -> None:
    google.hangs = True
    assert "in time" in error_of(engine(google, seconds=0.4), Transient).message
    assert len(google.heard) == TRIES


@pytest.mark.parametrize("cause", [TimeoutError(), httpx.ReadTimeout("slow")])
def test_it_is_the_same_whether_our_limit_or_the_clients_is_met_first(cause: Exception) -> None:
    assert "in time" in classify_failure("a-model", cause).error.message


# An order to stop. -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [Canceled, LeaseLost])
def test_a_call_in_flight_is_left_alone_when_the_job_is_to_stop(
    google: Service, reason: type[PlantainError]
) -> None:
    google.hangs = True

    def on_step(_step: int, _of: int, _preview: object) -> None:
        if google.called.is_set():
            raise reason

    made = engine(google)
    with pytest.raises(reason):
        draw(made, on_step=on_step)
    assert len(google.heard) == 1
    google.hangs = False
    google.let_go.set()
    assert draw(made).shape == (64, 64, 3)


def test_a_job_that_is_canceled_before_the_call_costs_nothing(google: Service) -> None:
    def on_step(_step: int, _of: int, _preview: object) -> None:
        raise Canceled

    with pytest.raises(Canceled):
        draw(engine(google), on_step=on_step)
    assert not google.heard


def test_and_one_that_waits_for_its_next_try_as_well(google: Service) -> None:
    google.script = [failed(429, "RESOURCE_EXHAUSTED", {"retryDelay": "30s"})]

    def on_step(_step: int, _of: int, _preview: object) -> None:
        if not google.script:
            raise Canceled

    with pytest.raises(Canceled):
        draw(engine(google), on_step=on_step)
    assert len(google.heard) == 1


def test_an_engine_that_failed_can_be_used_again(google: Service) -> None:
    made = engine(google)
    google.script = [refused("SAFETY")]
    error_of(made, PromptBlocked)
    assert made.diffuse(made.encode(build_brief()), 1, go_on).shape == (64, 64, 3)
