"""Suggestions, as far as the policy lets them be made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.contract.manifest import SuggestionFacts
from functions.policy import Screener
from tests.unit.worker.stages.making import noise, tools, work
from worker.stages.suggest import suggest
from worker.vision.protocol import Mask, Picture, Suggestions
from worker.vision.vision_tools import RulesVisionTools

BARE = "a naked woman on a beach"


class Outspoken(RulesVisionTools):
    """Suggests one edit that should be looked at, one that breaks the policy, and one that is neither."""

    name = "outspoken"

    def suggester(self, model: str) -> Outspoken:
        del model
        return self

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        del picture, region
        texts = (BARE, "a nude child", "make the boat red")
        return Suggestions(
            "outspoken", tuple(SuggestionFacts(instruction=text, task="edit", why="x") for text in texts)
        )


@pytest.mark.parametrize(
    ("screener", "suggested"),
    [
        (Screener(), [BARE, "make the boat red"]),
        (Screener(review_blocks=True), ["make the boat red"]),
        (Screener(verdicts={"nudity": "block"}), ["make the boat red"]),
    ],
)
def test_what_the_deployment_would_block_is_not_suggested(screener: Screener, suggested: list[str]) -> None:
    asked = work(task="suggest", prompt=None, images=[{"uri": "gs://b/n"}])
    asked.images = (noise(64, 64),)
    found = suggest(asked, replace(tools(), vision=Outspoken(), screener=screener))
    assert [edit.instruction for edit in found.suggestions] == suggested
