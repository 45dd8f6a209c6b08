"""The vision model's critic, finder and suggester, against a server of the REST shape that they speak to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.unit.worker.language_models.endpoints import Endpoint, endpoint
from tests.unit.worker.stages.making import noise
from worker.prompt_intent.intent_rules import read_intent
from worker.settings import WorkerSettings
from worker.vision.build_vision_tools import build_vision_tools
from worker.vision.protocol import BeforeEdit, VisionTools

RED = np.broadcast_to(np.array((0.9, 0.1, 0.1), np.float32), (64, 64, 3)) * noise(64, 64)


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint() as script:
        yield script


def settings(**more: Any) -> WorkerSettings:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    return WorkerSettings.model_validate({"project": "p", "profile": "local", **buckets, **more})


@pytest.fixture
def vision(server: Endpoint) -> VisionTools:
    return build_vision_tools(
        settings(vision_model="seer", vision_model_api="openai", vision_model_url=server.url, chat_seconds=10)
    )


def parts(server: Endpoint) -> list[dict[str, Any]]:
    return server.heard[-1][2]["messages"][1]["content"]


def test_a_picture_is_scored_against_the_prompt(server: Endpoint, vision: VisionTools) -> None:
    server.says({"score": 40, "reasons": ["the boat is blue"], "repairs": ["make the boat red"]})
    found = vision.critic("flux").score(RED, read_intent("a red boat, no people"))
    assert (found.value, found.by) == (0.4, "seer")
    assert (found.reasons, found.repairs) == (("the boat is blue",), ("make the boat red",))
    assert parts(server)[0]["text"] == "Asked for: a red boat, no people\nNot wanted: people"
    assert len(parts(server)) == 2


def test_an_edit_is_shown_before_and_after(server: Endpoint, vision: VisionTools) -> None:
    server.says({"score": 100, "reasons": [], "repairs": []})
    assert vision.critic("flux").score(RED, read_intent("make it red"), BeforeEdit(1 - RED)).value == 1.0
    assert len(parts(server)) == 3


@pytest.mark.parametrize("answer", [{"score": 400, "reasons": [], "repairs": []}, "a fine picture"])
def test_without_an_answer_the_rules_score(server: Endpoint, vision: VisionTools, answer: object) -> None:
    server.says(answer)
    found = vision.critic("flux").score(RED, read_intent("a red boat"))
    assert (found.by, found.value) == ("rules", 1.0)


def test_a_name_is_found_where_the_model_says(server: Endpoint, vision: VisionTools) -> None:
    server.says({"boxes": [[250, 500, 750, 1000], [-5, 0, 100, 100]]})
    found = vision.finder("flux").find(noise(200, 100), "the boat")
    assert found is not None and found.by == "seer"
    assert found.mask[25:75, 100:].all() and found.mask[:10, :20].all()
    assert found.mask.mean() == pytest.approx(0.26)


def test_a_name_that_the_model_does_not_find_is_not_there(server: Endpoint, vision: VisionTools) -> None:
    server.says({"boxes": []})
    assert vision.finder("flux").find(RED, "the boat") is None
    server.says({"boxes": [[500, 500, 500, 500]]})
    assert vision.finder("flux").find(RED, "the boat") is None


def test_without_an_answer_the_fallback_finds(server: Endpoint, vision: VisionTools) -> None:
    server.status = 503
    picture = np.zeros((64, 64, 3), np.float32)
    picture[20:40, 20:40] = (0.9, 0.1, 0.1)
    found = vision.finder("flux").find(picture, "the red boat")
    assert found is not None and found.by == "contrast"


def suggestion(instruction: str, task: str = "edit") -> dict[str, str]:
    return {"instruction": instruction, "task": task, "why": "It would."}


def test_edits_are_suggested(server: Endpoint, vision: VisionTools) -> None:
    edits = [suggestion(f"make it {n}") for n in range(9)]
    server.says({"suggestions": [suggestion("a nude child"), suggestion("wider", "outpaint"), *edits]})
    found = vision.suggester("flux").suggest(RED, None)
    assert found.by == "seer"
    assert [edit.task for edit in found.edits] == ["outpaint", *["edit"] * 5]


@pytest.mark.parametrize("answer", [{"suggestions": [suggestion("one")]}, {"suggestions": "none"}])
def test_too_few_suggestions_are_none(server: Endpoint, vision: VisionTools, answer: object) -> None:
    server.says(answer)
    found = vision.suggester("flux").suggest(RED, None)
    assert found.by == "rules" and len(found.edits) >= 3


def test_without_a_vision_model_the_rules_look() -> None:
    vision = build_vision_tools(settings())
    names = [vision.critic("flux").name, vision.finder("flux").name, vision.suggester("flux").name]
    assert names == ["rules", "contrast", "rules"]
