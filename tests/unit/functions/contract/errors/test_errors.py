"""One tree of errors, each with its own code."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from functions.contract import errors
from functions.contract.errors import PlantainError, Transient

TREE = [
    member for _, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, PlantainError)
]
STATUSES = {
    400,
    401,
    403,
    404,
    405,
    408,
    409,
    410,
    413,
    414,
    415,
    417,
    422,
    429,
    431,
    499,
    500,
    501,
    503,
    504,
    507,
}
PROMISED = {
    "invalid_request",
    "unsupported_size",
    "image_unreadable",
    "image_too_large",
    "prompt_blocked",
    "image_blocked",
    "model_unavailable",
    "out_of_memory",
    "deadline_exceeded",
    "canceled",
    "idempotency_conflict",
    "not_found",
    "unauthenticated",
    "no_instruction",
}


def test_every_code_is_used_once() -> None:
    codes = [error.code for error in TREE]
    assert len(set(codes)) == len(codes)
    assert {error.code: error for error in TREE}.items() <= PlantainError.tree().items()


def test_the_promised_codes_are_there() -> None:
    assert {error.code for error in TREE} >= PROMISED


@pytest.mark.parametrize("error", TREE)
def test_each_is_documented_and_answers_with_a_status(error: type[PlantainError]) -> None:
    assert re.fullmatch(r"[a-z][a-z_]+", error.code)
    assert error.status in STATUSES
    assert inspect.getdoc(error)
    assert "__doc__" in vars(error)
    assert "title" in vars(error)
    assert error.title


@pytest.mark.parametrize("error", TREE)
def test_only_what_another_try_can_mend_is_retryable(error: type[PlantainError]) -> None:
    assert error.retryable is issubclass(error, Transient)


@pytest.mark.parametrize("error", TREE)
def test_its_facts_say_what_it_says(error: type[PlantainError]) -> None:
    facts = error("Do this instead.").facts(stage="diffuse")
    assert facts.model_dump() == {
        "code": error.code,
        "message": "Do this instead.",
        "retryable": error.retryable,
        "stage": "diffuse",
        "block": None,
    }
    assert error().facts().message == error.title


@pytest.mark.parametrize("error", TREE)
def test_it_crosses_from_one_process_to_another(error: type[PlantainError]) -> None:
    crossed = pickle.loads(pickle.dumps(error("Too small.", field="size")))
    assert type(crossed) is error
    assert (crossed.message, crossed.field, str(crossed)) == ("Too small.", "size", "Too small.")
