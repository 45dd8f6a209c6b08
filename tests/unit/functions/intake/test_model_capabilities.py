"""What a model cannot do is refused before anything is written, and a second paid drawing is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from functions.contract.engine_limits import REFUSED, engine_of
from functions.contract.errors import PlantainError, UnsupportedTask
from functions.contract.request import JobRequest
from functions.contract.settings import Settings
from functions.contract.validation.gemini_models import GeminiOptions
from functions.intake.model_capabilities import (
    check_capabilities,
    count_paid_calls,
    is_paid,
    with_correction_budget,
)
from tests.integration.functions.deployment import settings_for
from worker.engines.gemini.call import build_call
from worker.engines.protocol import Brief

MODELS = {
    "mock": "mock",
    "banana": "gemini",
    "pro": "gemini:gemini-3-pro-image",
    "small": "onnx:/m",
    "own": "/m",
}
EDIT: dict[str, Any] = {"task": "edit", "prompt": "make it blue", "images": [{"uri": "gs://b/n.png"}]}
TWO = [{"uri": "gs://b/n.png"}, {"uri": "gs://b/m.png"}]


@pytest.fixture
def settings() -> Settings:
    return settings_for("p", models=MODELS, model_refuses={"own": ["negative_prompt", "references"]})


def request(**fields: Any) -> JobRequest:
    return JobRequest.model_validate(EDIT | fields)


@pytest.mark.parametrize(
    ("model", "fields", "field"),
    [
        ("banana", {"steps": 4}, "steps"),
        ("pro", {"guidance": 0}, "guidance"),
        ("banana", {"strength": 0.5}, "strength"),
        ("small", {"strength": 0.5}, "strength"),
        ("small", {"region": {"box": [0, 0, 0.5, 1]}}, "region"),
        ("small", {"region_prompt": "the boat"}, "region_prompt"),
        ("small", {"mask": {"uri": "gs://b/mask.png"}}, "mask"),
        ("own", {"negative_prompt": "people"}, "negative_prompt"),
        ("own", {"images": TWO}, "images[1]"),
        ("banana", {"task": "animate"}, "task"),
        ("small", {"task": "animate"}, "task"),
    ],
)
def test_what_the_model_cannot_do_is_refused_with_its_field(
    settings: Settings, model: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(UnsupportedTask) as refused:
        check_capabilities(request(**fields), model, settings)
    assert refused.value.field == field
    assert model in refused.value.message


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("banana", {"negative_prompt": "people", "images": TWO, "region": {"box": [0, 0, 0.5, 1]}}),
        ("mock", {"steps": 4, "guidance": 2, "strength": 0.5, "negative_prompt": "people"}),
        ("own", {"steps": 4, "guidance": 2, "strength": 0.5}),
        ("small", {"steps": 4, "negative_prompt": "people"}),
        ("small", {"task": "suggest", "prompt": None, "region_prompt": "the boat"}),
        ("own", {"task": "generate", "images": []}),
    ],
)
def test_and_everything_else_is_taken(settings: Settings, model: str, fields: dict[str, Any]) -> None:
    check_capabilities(request(**fields), model, settings)


@pytest.mark.parametrize("field", ["steps", "guidance", "strength"])
def test_the_door_refuses_what_the_gemini_engine_would(field: str) -> None:
    values: dict[str, Any] = {field: 1}
    with pytest.raises(PlantainError):
        build_call(Brief(prompt="a boat", width=512, height=512, **values), GeminiOptions())
    assert field in REFUSED["gemini"]


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"images": TWO}, True),
        ({"images": [*TWO, *TWO]}, False),
        ({"images": [*TWO, TWO[0]], "region_prompt": "the boat"}, False),
        ({"images": TWO, "region": {"box": [0, 0, 0.5, 1]}}, True),
    ],
)
def test_a_gemini_model_takes_so_many_pictures_a_mask_among_them(fields: dict[str, Any], fits: bool) -> None:
    few = {"gemini-2.5-flash-image": {"max_images": 3}}
    models = {"old": "gemini:gemini-2.5-flash-image", "mock": "mock"}
    settings = settings_for("p", models=models, gemini_models=few)
    if fits:
        check_capabilities(request(**fields), "old", settings)
        return
    with pytest.raises(UnsupportedTask, match="3 pictures") as refused:
        check_capabilities(request(**fields), "old", settings)
    assert refused.value.field == "images"


def test_a_gemini_model_takes_fewer_pictures_than_a_request_may_have() -> None:
    settings, many = settings_for("p", models={"flash": "gemini", "mock": "mock"}), TWO * 7
    check_capabilities(request(images=many), "flash", settings)
    check_capabilities(request(images=TWO * 8), "mock", settings)
    with pytest.raises(UnsupportedTask, match="14 pictures"):
        check_capabilities(request(images=[*many, TWO[0]]), "flash", settings)


def test_the_embedded_starter_takes_no_negative_prompt_and_the_door_knows() -> None:
    settings = settings_for("p", models={"starter": "worker/embedded_model"}, default_model="starter")
    with pytest.raises(UnsupportedTask, match="negative_prompt"):
        check_capabilities(request(negative_prompt="people"), "starter", settings)


@pytest.mark.parametrize(
    ("source", "engine"),
    [
        ("mock", "mock"),
        ("gemini", "gemini"),
        ("gemini:gemini-2.5-flash-image", "gemini"),
        ("onnx:/models/starter", "onnx"),
        ("gs://models/flux", "diffusers"),
        ("black-forest-labs/FLUX.2-klein-4B@abc", "diffusers"),
        ("worker/embedded_model", "diffusers"),
    ],
)
def test_a_source_names_its_engine(source: str, engine: str) -> None:
    assert engine_of(source) == engine


@pytest.mark.parametrize(
    ("model", "fields", "attempts", "calls"),
    [
        ("banana", {"region": {"box": [0, 0, 0.5, 1]}}, 1, 1),
        ("banana", {"count": 3}, 1, 3),
        ("banana", {"correction": {"threshold": 0.9}}, 1, 1),
        ("banana", {"correction": {"attempts": 2}}, 2, 2),
        ("banana", {"correction": {"attempts": 4}, "count": 2}, 4, 8),
        ("mock", {}, 2, 0),
        ("mock", {"correction": {"attempts": 3}}, 3, 0),
        ("banana", {"task": "upscale", "prompt": None, "size": "4K"}, 1, 0),
    ],
)
def test_a_second_paid_drawing_is_asked_for_and_the_bill_is_known(
    settings: Settings, model: str, fields: dict[str, Any], attempts: int, calls: int
) -> None:
    asked = request(**fields)
    assert with_correction_budget(asked, model, settings).correction.attempts == attempts
    assert with_correction_budget(asked, model, settings).correction.threshold == asked.correction.threshold
    assert count_paid_calls(asked, model, settings) == calls


def test_only_gemini_bills_each_drawing(settings: Settings) -> None:
    assert [model for model in MODELS if is_paid(model, settings)] == ["banana", "pro"]
