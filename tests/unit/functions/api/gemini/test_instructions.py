"""What a conversation asks for now: words that no picture has answered, and the pictures they are about."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.gemini.content_body import GenerateContentBody
from functions.api.gemini.instructions import find_pictures, read_instructions
from functions.contract.errors import InvalidRequest
from functions.contract.prompts import MAX_PROMPT

PICTURE = {"inlineData": {"data": "aGk="}}


def turn(role: str | None, *parts: str | dict[str, Any]) -> dict[str, Any]:
    written = [{"text": part} if isinstance(part, str) else part for part in parts]
    return {"role": role, "parts": written} if role else {"parts": written}


def body(*turns: dict[str, Any], system: object = None) -> GenerateContentBody:
    return GenerateContentBody.model_validate({"contents": list(turns), "systemInstruction": system})


def asked(*turns: dict[str, Any], system: object = None) -> tuple[str, list[str]]:
    found = body(*turns, system=system)
    prompt = read_instructions(found.contents, found.system_instruction)
    return prompt, [field for _, field in find_pictures(found.contents)]


@pytest.mark.parametrize(
    ("turns", "prompt", "pictures"),
    [
        ([turn("user", "a boat")], "a boat", []),
        ([turn(None, "a boat", "at night")], "a boat\nat night", []),
        (
            [turn("user", "a boat"), turn("model", "what colour?"), turn("user", "red")],
            "a boat\nred",
            [],
        ),
        (
            [turn("user", "a boat"), turn("model", "here", PICTURE), turn("user", "make it red")],
            "make it red",
            ["contents[1].parts[1]"],
        ),
        (
            [
                turn("user", "a boat"),
                turn("model", PICTURE),
                turn("user", "larger"),
                turn("model", "how much?"),
                turn("user", "twice"),
            ],
            "larger\ntwice",
            ["contents[1].parts[0]"],
        ),
        (
            [turn("user", "like a watercolour"), turn("model", "send it"), turn("user", PICTURE, "here")],
            "like a watercolour\nhere",
            ["contents[2].parts[0]"],
        ),
        (
            [turn("user", "like a watercolour"), turn("model", "send it"), turn("user", PICTURE)],
            "like a watercolour",
            ["contents[2].parts[0]"],
        ),
        (
            [turn("user", PICTURE, "make it blue"), turn("model", "light?"), turn("user", "dark")],
            "make it blue\ndark",
            ["contents[0].parts[0]"],
        ),
        (
            [turn("user", PICTURE, "blue"), turn("model", "no"), turn("user", PICTURE, "green")],
            "green",
            ["contents[2].parts[0]"],
        ),
    ],
)
def test_words_that_no_picture_has_answered_are_the_prompt(
    turns: list[dict[str, Any]], prompt: str, pictures: list[str]
) -> None:
    assert asked(*turns) == (prompt, pictures)


@pytest.mark.parametrize(
    "system", [{"parts": [{"text": "at night"}]}, {"parts": {"text": "at night"}}, "at night"]
)
def test_the_systems_words_come_first(system: object) -> None:
    assert asked(turn("user", "a boat"), system=system)[0] == "at night\na boat"


def test_what_does_not_fit_is_left_out_from_the_oldest_on() -> None:
    long = "x" * (MAX_PROMPT - 20)
    turns = [turn("user", "left out, since it is long"), turn("model", "?"), turn("user", "kept")]
    assert asked(*turns, turn("user", long), system="at night")[0] == f"kept\n{long}"


def test_thoughts_are_neither_words_nor_pictures() -> None:
    thought = {**PICTURE, "thought": True}
    assert asked(turn("user", "a boat"), turn("model", thought), turn("user", "red")) == ("a boat\nred", [])


@pytest.mark.parametrize(
    "turns",
    [
        [],
        [turn("user", "a boat"), turn("model", "here")],
        [turn("user", "a boat"), turn("model", PICTURE), turn("user", " ")],
        [turn("user", PICTURE)],
    ],
)
def test_a_conversation_without_a_request_is_refused(turns: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidRequest, match="last turn"):
        asked(*turns)
