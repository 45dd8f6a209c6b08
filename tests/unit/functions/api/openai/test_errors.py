"""Every error, as OpenAI's clients look for it."""

from __future__ import annotations

import pytest

from functions.api.openai.errors import error_response
from functions.contract.errors import (
    Blocked,
    BlockFacts,
    ErrorFacts,
    InvalidRequest,
    NotReadyInTime,
    PlantainError,
    Transient,
    error_from_facts,
)

ERRORS = sorted(PlantainError.tree().values(), key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
def test_every_error_has_openais_shape(kind: type[PlantainError]) -> None:
    answer = error_response(kind("What to do."))
    error = (answer.json or {})["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    assert (error["message"], answer.mimetype) == ("What to do.", "application/json")
    assert answer.status_code >= 400
    assert answer.headers["x-request-id"].startswith("req_")
    if answer.status_code >= 500 or answer.status_code in (408, 409, 429):
        assert answer.headers["x-should-retry"] == ("true" if kind.retryable else "false")


@pytest.mark.parametrize(
    ("code", "stage", "param", "moderated"),
    [
        ("prompt_blocked", None, "prompt", "input"),
        ("image_blocked", "screen_input", "image", "input"),
        ("image_blocked", "screen_output", None, "output"),
    ],
)
def test_a_block_is_moderation_blocked(
    code: str, stage: str | None, param: str | None, moderated: str
) -> None:
    block = BlockFacts(categories=("hate",), policy_version="2026-11", support_code="AAAAA-BBBBB")
    found = error_from_facts(ErrorFacts(code=code, message="Quote AAAAA-BBBBB.", stage=stage, block=block))
    assert isinstance(found, Blocked)
    answer = error_response(found)
    assert answer.status_code == 400
    assert answer.json == {
        "error": {
            "message": "Quote AAAAA-BBBBB.",
            "type": "image_generation_user_error",
            "code": "moderation_blocked",
            "param": param,
            "moderation_details": {"moderation_stage": moderated, "categories": ["hate"]},
        }
    }


@pytest.mark.parametrize(
    ("field", "param"),
    [("count", "n"), ("images[0].data", "image"), ("mask", "mask"), ("width", "size"), ("seed", "seed")],
)
def test_a_jobs_field_has_openais_name(field: str, param: str) -> None:
    assert (error_response(InvalidRequest(field=field)).json or {})["error"]["param"] == param


def test_a_job_that_goes_on_names_itself_and_asks_for_a_repeat() -> None:
    answer = error_response(NotReadyInTime(job_id="job_1"))
    assert answer.status_code == 504
    assert (answer.headers["X-Plantain-Job"], answer.headers["x-should-retry"]) == ("job_1", "true")


def test_a_busy_server_says_when_to_come_again() -> None:
    assert error_response(Transient()).headers["Retry-After"] == "2"


def test_half_of_a_character_breaks_no_answer() -> None:
    assert error_response(InvalidRequest("\ud800", field="prompt")).json is not None
