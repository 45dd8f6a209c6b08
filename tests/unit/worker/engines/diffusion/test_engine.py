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
FAMILIES = ["klein", "sdxl", "flux1"]

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
    assert call.arguments["prompt_embeds"].ndim == 3
    assert "prompt" not in call.arguments


def test_an_edit_follows_the_image(engine: DiffusersEngine, photo: Photo) -> None:
    one, other = (draw(engine, wish(images=(photo(seed=seed),))) for seed in (1, 2))
    assert one.shape == other.shape == (64, 64, 3)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, draw(engine, wish()))


def test_an_edit_takes_an_image_of_any_shape(engine: DiffusersEngine, photo: Photo) -> None:
    for width, height in [(16, 200), (333, 7), (1, 1), (500, 500)]:
        assert draw(engine, wish(images=(photo(width, height),), steps=1)).shape == (64, 64, 3)


def test_where_the_mask_is_empty_the_seed_has_no_say(engine: DiffusersEngine, photo: Photo) -> None:
    image, mask = photo(128, 128), np.zeros((128, 128), np.float32)
    kept = [draw(engine, wish(images=(image,), mask=mask), seed=seed) for seed in (1, 2)]
    np.testing.assert_allclose(kept[0], kept[1], atol=1e-4)
    changed = [draw(engine, wish(images=(image,), mask=1 - mask), seed=seed) for seed in (1, 2)]
    assert np.abs(changed[0] - changed[1]).max() > 0.1


def test_a_low_strength_takes_fewer_steps(engine: DiffusersEngine, photo: Photo) -> None:
    totals: set[int] = set()
    brief = wish(images=(photo(),), strength=0.5, steps=4)
    draw(engine, brief, on_step=lambda step, of, _preview: totals.add(of) if step else None)
    assert totals == {2}


def test_the_lowest_strength_still_takes_a_step(engine: DiffusersEngine, photo: Photo) -> None:
    mask = np.ones((96, 96), np.float32)
    for brief in (wish(images=(photo(),), strength=0.01), wish(images=(photo(),), mask=mask, strength=0.01)):
        assert draw(engine, brief).shape == (64, 64, 3)


def test_a_cancel_between_steps_stops_and_leaves_nothing_behind(
    engine: DiffusersEngine, photo: Photo
) -> None:
    def cancel(step: int, _of: int, _preview: object) -> None:
        if step == 1:
            raise Canceled

    for brief in (
        wish(),
        wish(images=(photo(),)),
        wish(images=(photo(),), mask=np.eye(96, dtype=np.float32)),
    ):
        before = draw(engine, brief)
        with pytest.raises(Canceled):
            draw(engine, brief, on_step=cancel)
        assert np.array_equal(draw(engine, brief), before)


def test_steps_are_counted_and_the_last_preview_is_the_picture(engine: DiffusersEngine) -> None:
    counts: list[tuple[int, int]] = []
    previews: list[Picture] = []

    def look(step: int, of: int, preview: Callable[[], Picture] | None) -> None:
        counts.append((step, of))
        if preview is not None:
            previews.append(preview())

    picture = draw(engine, wish(steps=3), on_step=look)
    assert counts == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert len(previews) == 2
    np.testing.assert_allclose(previews[-1], picture, atol=1e-4)


def test_a_preview_shows_at_most_128_pixels(klein: DiffusersEngine) -> None:
    from worker.engines.diffusion.decoder import preview_latents

    vae = klein._loaded.pipeline.vae  # pyright: ignore[reportPrivateUsage] - its decoder, on larger latents
    assert preview_latents(vae, torch.zeros(1, 4, 256, 128)).shape == (128, 64, 3)


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
    call.arguments["prompt_embeds"].fill_(float("nan"))
    with pytest.raises(EngineFailed, match="not numbers"):
        klein.diffuse(encoded, 1, ignore)


def test_warming_up_draws(engine: DiffusersEngine) -> None:
    engine.warm_up()


def test_the_estimate_grows_with_the_picture_and_the_count(engine: DiffusersEngine) -> None:
    one = engine.estimate_bytes(64, 64, 1)
    assert one > 64 * 64 * 3 * 4
    assert engine.estimate_bytes(64, 64, 8) > one > engine.estimate_bytes(32, 32, 1)


def test_klein_heeds_its_references(klein: DiffusersEngine, photo: Photo) -> None:
    image = photo()
    alone = draw(klein, wish(images=(image,)))
    assert not np.array_equal(draw(klein, wish(images=(image, photo(seed=5)))), alone)
    assert draw(klein, wish(images=(image, photo(40, 90, 6), photo(300, 20, 7)))).shape == alone.shape


def test_klein_heeds_its_references_in_a_region(klein: DiffusersEngine, photo: Photo) -> None:
    brief = wish(images=(photo(80, 64),), mask=np.ones((64, 80), np.float32))
    alone = draw(klein, brief)
    many = wish(images=(photo(80, 64), photo(40, 90, 6), photo(300, 20, 7)), mask=brief.mask)
    assert not np.array_equal(draw(klein, many), alone)


def test_klein_heeds_a_strength_without_a_mask(klein: DiffusersEngine, photo: Photo) -> None:
    little, much = (draw(klein, wish(images=(photo(),), steps=4, strength=share)) for share in (0.25, 1.0))
    assert not np.array_equal(little, much)


@pytest.mark.parametrize("name", ["sdxl", "flux1"])
def test_a_family_without_references_says_so(name: str, request: pytest.FixtureRequest, photo: Photo) -> None:
    with pytest.raises(UnsupportedTask, match="reference"):
        request.getfixturevalue(name).encode(wish(images=(photo(), photo())))


def test_a_negative_prompt_is_heeded(engine: DiffusersEngine) -> None:
    assert not np.array_equal(draw(engine, wish(negative_prompt="a house")), draw(engine, wish()))


@pytest.mark.parametrize("name", ["klein", "sdxl"])
def test_a_negative_prompt_without_guidance_is_refused(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(UnsupportedTask, match="negative prompt"):
        request.getfixturevalue(name).encode(wish(negative_prompt="a house", guidance=1.0))


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
