"""The cache holds each scene's latents once, and a step's batch is a function of its number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2

from training.networks.autoencoder import build_autoencoder, encode_pixels, to_pixels
from training.networks.config import TrainingConfig
from training.scenes.scene_sampling import render_scene
from training.starter.latent_cache import LatentCache
from training.starter.picture_cache import PictureCache
from training.starter.training_examples import EXAMPLE_KINDS, ExampleKind, example_count, sample_example

SCENES: dict[ExampleKind, float] = {"scenes": 1.0}
EDITS: dict[ExampleKind, float] = {"edits": 1.0}
MIXED: dict[ExampleKind, float] = {"scenes": 0.5, "edits": 0.3, "references": 0.2}


@pytest.fixture(scope="module")
def vae(tiny: TrainingConfig) -> AutoencoderKLFlux2:
    torch.manual_seed(0)
    return build_autoencoder(tiny.autoencoder, 64).eval()


@pytest.fixture(scope="module")
def cache(
    tiny: TrainingConfig, tmp_path_factory: pytest.TempPathFactory, vae: AutoencoderKLFlux2
) -> LatentCache:
    """Returns a full cache, which is only read."""
    return filled(tiny, tmp_path_factory.mktemp("latents"), vae)


def filled(
    tiny: TrainingConfig, folder: Path, vae: AutoencoderKLFlux2, stop: Callable[[], bool] = lambda: False
) -> LatentCache:
    cache = LatentCache(tiny, folder / "cache")
    with PictureCache(tiny, folder / "pictures") as pictures:
        cache.fill(vae, pictures, stop=stop)
    return cache


def test_a_batch_holds_latents_of_one_bucket_and_a_text_each(
    cache: LatentCache, tiny: TrainingConfig
) -> None:
    batch = cache.batch(0, shares=SCENES, size=3)
    assert batch.latents.shape in {(3, 16, height // 8, width // 8) for width, height in tiny.buckets}
    assert batch.references is None
    assert len(batch.texts) == 3


def test_a_batch_of_edits_brings_the_pictures_before(cache: LatentCache) -> None:
    batch = cache.batch(0, shares=EDITS, size=3)
    assert batch.references is not None
    assert batch.references.shape == batch.latents.shape
    assert not torch.equal(batch.references, batch.latents)


def test_a_reference_shows_the_subject_before(tiny: TrainingConfig) -> None:
    reference = sample_example(tiny, 0, "references", 0)
    assert reference.before is not None
    assert reference.before.figures[0].subject == reference.after.figures[0].subject


def test_the_layout_names_what_is_in_each_patch(cache: LatentCache) -> None:
    batch = cache.batch(0, shares=SCENES, size=3)
    assert batch.layout.shape == (3, 2, *batch.latents.shape[2:])
    assert batch.layout.dtype == torch.int64
    subjects, colours = batch.layout.unbind(1)
    assert torch.equal(subjects > 0, colours > 0)


def test_a_step_always_gets_the_same_batch(cache: LatentCache) -> None:
    one, other = (cache.batch(7, shares=MIXED, size=4) for _ in range(2))
    assert one.texts == other.texts
    assert torch.equal(one.latents, other.latents)


def test_some_texts_are_empty(cache: LatentCache) -> None:
    texts = [text for step in range(100) for text in cache.batch(step, shares=MIXED, size=4).texts]
    assert 0.05 < sum(not text for text in texts) / len(texts) < 0.15


def test_what_is_cached_is_the_scene_encoded(
    cache: LatentCache, tiny: TrainingConfig, vae: AutoencoderKLFlux2
) -> None:
    batch = cache.batch(1, shares=SCENES, size=1)
    shapes = [torch.Size((height // 8, width // 8)) for width, height in tiny.buckets]
    bucket = shapes.index(batch.latents.shape[2:])
    scenes = [
        sample_example(tiny, bucket, "scenes", n).after for n in range(example_count(tiny, bucket, "scenes"))
    ]
    width, height = tiny.buckets[bucket]
    latents = encode_pixels(vae, to_pixels([render_scene(scene, width, height) for scene in scenes]))
    assert (latents - batch.latents).abs().flatten(1).amax(dim=1).min() < 0.01


def test_a_filled_cache_is_not_filled_again(
    tiny: TrainingConfig, tmp_path: Path, vae: AutoencoderKLFlux2
) -> None:
    assert filled(tiny, tmp_path, vae).full
    stamps = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").iterdir()}
    filled(tiny, tmp_path, vae)
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").iterdir()} == stamps


def test_a_stopped_filling_leaves_whole_files_only(
    tiny: TrainingConfig, tmp_path: Path, vae: AutoencoderKLFlux2
) -> None:
    answers = iter([False, *[True] * (2 * len(EXAMPLE_KINDS))])
    stopped = filled(tiny, tmp_path, vae, stop=lambda: next(answers))
    assert not stopped.full
    names = {file.name for file in (tmp_path / "cache").iterdir()}
    assert names == {"scenes-0-latents.npy", "scenes-0-layout.npy"}
    assert filled(tiny, tmp_path, vae).batch(0, shares=SCENES, size=2).latents.isfinite().all()
