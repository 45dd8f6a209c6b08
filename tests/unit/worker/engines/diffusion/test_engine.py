"""What the diffusers engine draws, with tiny checkpoints of the real pipeline classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from functions.contract.errors import Canceled, EngineFailed, ModelUnavailable, OutOfMemory, UnsupportedTask
from worker.engines.diffusion import DiffusersEngine
from worker.engines.protocol import Brief, OnStep, Picture

pytestmark = pytest.mark.slow

PROMPT = "a red boat on the sea at night"
REGIONS = ["klein", "sdxl", "flux1", "qwen_image", "z_image", "sd3"]
STRENGTHS = [*REGIONS, "sana_sprint"]
EDITS = [*STRENGTHS, "flux2_dev"]
REFERENCES = ["klein", "flux2_dev"]
FAMILIES = [*EDITS, "sana"]
NO_NEGATIVE = ["sana_sprint", "flux2_dev"]
PREVIEWS = {"sana": 3, "sana_sprint": 0}  # of three steps; an Euler step is only known from the second on
NO_GUIDANCE = {"klein": 1.0, "sdxl": 1.0, "qwen_image": 1.0, "sd3": 1.0, "sana": 1.0, "z_image": 0.0}

Photo = Callable[..., Picture]


def ignore(_step: int, _of: int, _preview: Callable[[], Picture] | None) -> None:
    """An OnStep that lets the engine go on."""


def draw(engine: DiffusersEngine, brief: Brief, seed: int = 1, on_step: OnStep = ignore) -> Picture:
    return engine.diffuse(engine.encode(brief), seed, on_step)


def wish(**changes: Any) -> Brief:
    fields: dict[str, Any] = {"prompt": PROMPT, "width": 1024, "height": 1024, "steps": 2}
    return Brief(**(fields | changes))


@pytest.fixture(params=FAMILIES)
def engine(request: pytest.FixtureRequest) -> DiffusersEngine:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=EDITS)
def editor(request: pytest.FixtureRequest) -> DiffusersEngine:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=STRENGTHS)
def redrawer(request: pytest.FixtureRequest) -> DiffusersEngine:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=REGIONS)
def inpainter(request: pytest.FixtureRequest) -> DiffusersEngine:
    return request.getfixturevalue(request.param)


def test_a_prompt_becomes_a_float32_picture_of_the_native_size(engine: DiffusersEngine) -> None:
    picture = draw(engine, wish(width=1248, height=832))
    assert picture.shape == (*reversed(engine.native_size(1248, 832)), 3)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert np.ptp(picture) > 0


def test_a_seed_gives_the_same_picture_twice_and_another_one_another(engine: DiffusersEngine) -> None:
    encoded = engine.encode(wish())
    first = engine.diffuse(encoded, 1, ignore)
    assert not np.array_equal(engine.diffuse(encoded, 2, ignore), first)
    assert np.array_equal(engine.diffuse(encoded, 1, ignore), first)
    assert np.array_equal(draw(engine, wish(), seed=1), first)


def test_another_prompt_gives_another_picture(engine: DiffusersEngine) -> None:
    assert not np.array_equal(draw(engine, wish()), draw(engine, wish(prompt="a yellow banana in the snow")))


def test_the_picture_is_what_the_pipeline_itself_decodes(request: pytest.FixtureRequest) -> None:
    """Ours goes by way of the latents, to decode in float32; in float32 it makes no difference."""
    for name in FAMILIES:
        engine = request.getfixturevalue(name)
        call: Any = engine.encode(wish()).conditions
        generator = torch.Generator("cpu").manual_seed(1)
        theirs = call.pipeline(**call.arguments, generator=generator, output_type="np").images[0]
        np.testing.assert_allclose(draw(engine, wish()), theirs, atol=1e-5, err_msg=name)


def test_the_prompt_is_encoded_once_for_all_seeds(engine: DiffusersEngine) -> None:
    """What ``encode`` returns holds the embeddings, so that the pipeline has no prompt to encode."""
    call: Any = engine.encode(wish()).conditions
    embeds = call.arguments["prompt_embeds"]
    assert (embeds[0][None] if isinstance(embeds, list) else embeds).ndim == 3
    assert "prompt" not in call.arguments


def test_an_edit_follows_the_image(editor: DiffusersEngine, photo: Photo) -> None:
    one, other = (draw(editor, wish(images=(photo(seed=seed),))) for seed in (1, 2))
    assert one.shape == other.shape == (64, 64, 3)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, draw(editor, wish()))


def test_an_edit_takes_an_image_of_any_shape(editor: DiffusersEngine, photo: Photo) -> None:
    for width, height in [(16, 200), (333, 7), (1, 1), (500, 500)]:
        assert draw(editor, wish(images=(photo(width, height),), steps=1)).shape == (64, 64, 3)


def test_where_the_mask_is_empty_the_seed_has_no_say(inpainter: DiffusersEngine, photo: Photo) -> None:
    image, mask = photo(128, 128), np.zeros((128, 128), np.float32)
    kept = [draw(inpainter, wish(images=(image,), mask=mask), seed=seed) for seed in (1, 2)]
    np.testing.assert_allclose(kept[0], kept[1], atol=1e-4)
    changed = [draw(inpainter, wish(images=(image,), mask=1 - mask), seed=seed) for seed in (1, 2)]
    assert np.abs(changed[0] - changed[1]).max() > 0.1


def test_a_low_strength_takes_fewer_steps(redrawer: DiffusersEngine, photo: Photo) -> None:
    totals: set[int] = set()
    brief = wish(images=(photo(),), strength=0.5, steps=4)
    draw(redrawer, brief, on_step=lambda step, of, _preview: totals.add(of) if step else None)
    assert totals == {2}


def test_the_lowest_strength_still_takes_a_step(redrawer: DiffusersEngine, photo: Photo) -> None:
    assert draw(redrawer, wish(images=(photo(),), strength=0.01)).shape == (64, 64, 3)


def test_the_lowest_strength_in_a_region_still_takes_a_step(inpainter: DiffusersEngine, photo: Photo) -> None:
    brief = wish(images=(photo(),), mask=np.ones((96, 96), np.float32), strength=0.01)
    assert draw(inpainter, brief).shape == (64, 64, 3)


def cancel(step: int, _of: int, _preview: object) -> None:
    """An OnStep that stops the engine after the first step."""
    if step == 1:
        raise Canceled


def check_cancel(engine: DiffusersEngine, brief: Brief) -> None:
    before = draw(engine, brief)
    with pytest.raises(Canceled):
        draw(engine, brief, on_step=cancel)
    assert np.array_equal(draw(engine, brief), before)


def test_a_cancel_between_steps_stops_and_leaves_nothing_behind(engine: DiffusersEngine) -> None:
    check_cancel(engine, wish())


def test_a_cancel_of_an_edit_leaves_nothing_behind(editor: DiffusersEngine, photo: Photo) -> None:
    check_cancel(editor, wish(images=(photo(),)))


def test_a_cancel_in_a_region_leaves_nothing_behind(inpainter: DiffusersEngine, photo: Photo) -> None:
    check_cancel(inpainter, wish(images=(photo(),), mask=np.eye(96, dtype=np.float32)))


@pytest.mark.parametrize("name", FAMILIES)
def test_steps_are_counted_with_previews_in_the_picture_s_shape(
    name: str, request: pytest.FixtureRequest
) -> None:
    counts: list[tuple[int, int]] = []
    previews: list[Picture] = []

    def look(step: int, of: int, preview: Callable[[], Picture] | None) -> None:
        counts.append((step, of))
        if preview is not None:
            previews.append(preview())

    picture = draw(request.getfixturevalue(name), wish(steps=3), on_step=look)
    assert counts == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert len(previews) == PREVIEWS.get(name, 2)
    if previews:
        down, across = previews[-1].shape[:2]
        assert 16 <= max(down, across) <= 128
        assert down * picture.shape[1] == across * picture.shape[0]
        assert previews[-1].min() >= 0
        assert previews[-1].max() <= 1
        assert not np.array_equal(previews[0], previews[-1])


def test_a_decoder_may_draw_larger_than_its_encoder_looks(
    klein: DiffusersEngine, large_decoder_directory: Path
) -> None:
    engine = DiffusersEngine(large_decoder_directory, device="cpu")
    engine.load()
    previews: list[Picture] = []

    def look(_step: int, _of: int, preview: Callable[[], Picture] | None) -> None:
        previews.extend([preview()] if preview else [])

    picture = draw(engine, wish(steps=2), on_step=look)
    width, height = engine.native_size(wish().width, wish().height)
    assert picture.shape == (4 * height, 4 * width, 3)
    assert previews
    assert {max(preview.shape[:2]) for preview in previews} == {128}
    assert engine.estimate_bytes(64, 64, 1) >= 16 * 64 * 64 * 3 * 4
    more = engine.estimate_bytes(64, 64, 2) - engine.estimate_bytes(64, 64, 1)
    assert more == 16 * (klein.estimate_bytes(64, 64, 2) - klein.estimate_bytes(64, 64, 1))


def test_running_out_of_memory_is_typed_and_survived(engine: DiffusersEngine) -> None:
    def take_too_much(step: int, _of: int, _preview: object) -> None:
        if step == 1:
            torch.empty(1 << 60)

    before = draw(engine, wish())
    with pytest.raises(OutOfMemory, match="smaller size"):
        draw(engine, wish(), on_step=take_too_much)
    assert np.array_equal(draw(engine, wish()), before)


def test_any_other_failure_of_torch_is_the_engine_s(klein: DiffusersEngine) -> None:
    def fail(_step: int, _of: int, _preview: object) -> None:
        torch.dot(torch.zeros(2), torch.zeros(3))

    with pytest.raises(EngineFailed, match="inconsistent tensor size"):
        draw(klein, wish(), on_step=fail)


def test_a_picture_that_is_not_of_numbers_is_a_failure(klein: DiffusersEngine) -> None:
    encoded = klein.encode(wish())
    call: Any = encoded.conditions
    call.arguments["prompt_embeds"] = torch.full_like(call.arguments["prompt_embeds"], float("nan"))
    with pytest.raises(EngineFailed, match="not numbers"):
        klein.diffuse(encoded, 1, ignore)


def test_warming_up_draws(engine: DiffusersEngine) -> None:
    engine.warm_up()


def test_the_estimate_grows_with_the_picture_and_the_count(engine: DiffusersEngine) -> None:
    one = engine.estimate_bytes(64, 64, 1)
    assert one > 64 * 64 * 3 * 4
    assert engine.estimate_bytes(64, 64, 8) > one > engine.estimate_bytes(32, 32, 1)


@pytest.mark.parametrize("name", REFERENCES)
def test_references_are_heeded(name: str, request: pytest.FixtureRequest, photo: Photo) -> None:
    engine, image = request.getfixturevalue(name), photo()
    alone = draw(engine, wish(images=(image,)))
    assert not np.array_equal(draw(engine, wish(images=(image, photo(seed=5)))), alone)
    assert draw(engine, wish(images=(image, photo(40, 90, 6), photo(300, 20, 7)))).shape == alone.shape


def test_klein_heeds_its_references_in_a_region(klein: DiffusersEngine, photo: Photo) -> None:
    brief = wish(images=(photo(80, 64),), mask=np.ones((64, 80), np.float32))
    alone = draw(klein, brief)
    many = wish(images=(photo(80, 64), photo(40, 90, 6), photo(300, 20, 7)), mask=brief.mask)
    assert not np.array_equal(draw(klein, many), alone)


def test_klein_heeds_a_strength_without_a_mask(klein: DiffusersEngine, photo: Photo) -> None:
    little, much = (draw(klein, wish(images=(photo(),), steps=4, strength=share)) for share in (0.25, 1.0))
    assert not np.array_equal(little, much)


@pytest.mark.parametrize("name", [name for name in EDITS if name not in REFERENCES])
def test_a_family_without_references_says_so(name: str, request: pytest.FixtureRequest, photo: Photo) -> None:
    with pytest.raises(UnsupportedTask, match="reference"):
        request.getfixturevalue(name).encode(wish(images=(photo(), photo())))


@pytest.mark.parametrize("name", [name for name in EDITS if name not in REGIONS])
def test_a_family_without_regions_says_so(name: str, request: pytest.FixtureRequest, photo: Photo) -> None:
    with pytest.raises(UnsupportedTask, match="region"):
        request.getfixturevalue(name).encode(wish(images=(photo(),), mask=np.ones((96, 96), np.float32)))


def test_flux2_dev_refuses_a_strength(flux2_dev: DiffusersEngine, photo: Photo) -> None:
    with pytest.raises(UnsupportedTask, match="strength"):
        flux2_dev.encode(wish(images=(photo(),), strength=0.5))


def test_sana_refuses_images(sana: DiffusersEngine, photo: Photo) -> None:
    with pytest.raises(UnsupportedTask, match="text alone"):
        sana.encode(wish(images=(photo(),)))


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in NO_NEGATIVE])
def test_a_negative_prompt_is_heeded(name: str, request: pytest.FixtureRequest) -> None:
    engine = request.getfixturevalue(name)
    assert not np.array_equal(draw(engine, wish(negative_prompt="a house")), draw(engine, wish()))


@pytest.mark.parametrize("name", NO_GUIDANCE)
def test_a_negative_prompt_without_guidance_is_refused(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(UnsupportedTask, match="negative prompt"):
        request.getfixturevalue(name).encode(wish(negative_prompt="a house", guidance=NO_GUIDANCE[name]))


@pytest.mark.parametrize("name", NO_NEGATIVE)
def test_distilled_guidance_leaves_no_negative_prompt(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(UnsupportedTask, match="negative prompt"):
        request.getfixturevalue(name).encode(wish(negative_prompt="a house"))


def test_guidance_is_heeded(engine: DiffusersEngine) -> None:
    assert not np.array_equal(draw(engine, wish(guidance=1.5)), draw(engine, wish(guidance=6.0)))


def test_a_long_or_empty_prompt_is_taken(engine: DiffusersEngine) -> None:
    for prompt in ("", "boat " * 2_000, "\U0001f6a2 ∎ \x00"):
        assert draw(engine, wish(prompt=prompt, steps=1)).shape == (64, 64, 3)


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(ModelUnavailable, match="not loaded"):
        DiffusersEngine("somewhere").encode(wish())


def test_the_end_of_a_prompt_that_is_too_long_is_told(engine: DiffusersEngine) -> None:
    long = "a boat " * 600 + "at the end"
    unread = engine.encode(wish(prompt=long)).unread_prompt
    assert unread is not None
    assert long.endswith(unread) and len(unread) < len(long)
    assert engine.encode(wish(prompt="a boat")).unread_prompt is None
