"""A stage says what it needs, and that decides in which lane it runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.worker.stages.making import work
from worker.stages.pipeline import STAGES, Lanes, has_stage_for, plan_lanes

PICTURE = {"images": [{"uri": "gs://in/a.png"}]}


def names(lanes: Lanes) -> dict[str, list[str]]:
    return {lane: [stage.name for stage in stages] for lane, stages in vars(lanes).items()}


@pytest.mark.parametrize("classifier", [None, "gemini", "shieldgemma"])
def test_every_stage_is_in_one_lane_and_their_order_stays(classifier: str | None) -> None:
    lanes = names(plan_lanes(classifier))
    assert [name for stages in lanes.values() for name in stages] == [stage.name for stage in STAGES]


@pytest.mark.parametrize("classifier", [None, "gemini", "shieldgemma"])
def test_the_device_draws_and_enlarges_and_never_waits_for_a_proof(classifier: str | None) -> None:
    lanes = names(plan_lanes(classifier))
    assert {"encode", "diffuse", "correct", "upscale"} <= set(lanes["engine"])
    assert {"verify", "visible_mark", "watermark"} <= set(lanes["marking"])
    assert lanes["finish"] == ["seal"]


def test_a_classifier_that_is_asked_keeps_no_device_busy() -> None:
    lanes = names(plan_lanes("gemini"))
    assert "screen_input" in lanes["intake"]
    assert "screen_output" in lanes["marking"]


def test_a_classifier_on_the_device_is_where_the_device_is() -> None:
    lanes = names(plan_lanes("shieldgemma"))
    assert {"screen_input", "screen_output"} <= set(lanes["engine"])


@pytest.mark.parametrize(
    ("request_fields", "visited"),
    [
        ({}, ("engine", "marking")),
        ({"task": "verify", "prompt": None, **PICTURE}, ("marking",)),
        ({"task": "suggest", "prompt": None, **PICTURE}, ("engine",)),
        ({"task": "upscale", "prompt": None, "size": "2K", **PICTURE}, ("engine", "marking")),
    ],
)
def test_a_job_passes_by_a_lane_that_has_nothing_for_it(
    request_fields: dict[str, Any], visited: tuple[str, ...]
) -> None:
    asked, lanes = work(**request_fields), plan_lanes()
    found = [lane for lane in ("engine", "marking") if has_stage_for(asked, getattr(lanes, lane))]
    assert found == list(visited)
