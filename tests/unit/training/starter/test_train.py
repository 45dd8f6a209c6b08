"""A resumed training reaches the state of an uninterrupted one, and ends in a pipeline that draws."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline
from diffusers.pipelines.flux2.pipeline_flux2_klein_inpaint import Flux2KleinInpaintPipeline
from PIL import Image

from training.networks.config import TrainingConfig
from training.networks.pipeline_folder import load_sampler
from training.networks.sampler import Sampler
from training.networks.text_encoder import embed_texts
from training.starter.export import export_pipeline
from training.starter.starter_training import StarterTraining
from training.starter.training_examples import EXAMPLE_KINDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns one training's folder: the first test trains, the others resume."""
    return tmp_path_factory.mktemp("run")


def never() -> bool:
    return False


def after(polls: int) -> Callable[[], bool]:
    """Returns a callable that returns True from the given poll on."""
    left = polls

    def stop() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    return stop


def trained(config: TrainingConfig, folder: Path) -> Sampler:
    sampler = StarterTraining(config, folder, device="cpu", stop=never).train_all()
    assert sampler is not None
    return sampler


def test_a_stopped_training_resumes_to_the_same_weights(
    tiny: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    unstopped = trained(tiny, run)
    stops = 0
    for polls in (3, 5, 7):
        if StarterTraining(tiny, tmp_path / "stopped", device="cpu", stop=after(polls)).train_all() is None:
            stops += 1
    resumed = trained(tiny, tmp_path / "stopped")
    assert stops == 3
    for name in ("vae", "text_encoder", "transformer"):
        expected, got = getattr(unstopped, name).state_dict(), getattr(resumed, name).state_dict()
        assert all(torch.equal(expected[key], got[key]) for key in expected), name


def test_the_exported_folder_draws_what_the_training_draws(
    tiny: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    sampling = replace(tiny.distilled, steps=3)
    tiny = replace(tiny, distilled=sampling)
    export_pipeline(trained(tiny, run), tiny, tmp_path / "weights", "test")

    pipeline: Any = Flux2KleinPipeline.from_pretrained(tmp_path / "weights", dtype=torch.float32)
    reloaded = Sampler(
        pipeline.vae, pipeline.text_encoder, pipeline.tokenizer, pipeline.transformer, tiny.text, sampling
    )
    theirs = pipeline(
        prompt="a red boat",
        width=24,
        height=16,
        num_inference_steps=sampling.steps,
        guidance_scale=sampling.guidance,
        generator=torch.Generator().manual_seed(5),
        output_type="np",
        **text_arguments(tiny),
    ).images[0]
    ours = reloaded.draw(["a red boat"], 24, 16, seed=5)[0]
    assert np.abs(ours / 255.0 - theirs).max() < 0.01


def test_the_exported_folder_reads_prompts_as_the_training_does(
    tiny: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    export_pipeline(trained(tiny, run), tiny, tmp_path / "weights", "test")
    pipeline: Any = Flux2KleinPipeline.from_pretrained(tmp_path / "weights", dtype=torch.float32)
    texts = ["a red boat", "make it blue", ""]
    expected, _ = pipeline.encode_prompt(texts, **text_arguments(tiny))
    ours = embed_texts(pipeline.text_encoder, pipeline.tokenizer, texts, tiny.text)
    assert torch.allclose(ours, expected, atol=1e-5)


def test_the_exported_folder_edits_a_region(tiny: TrainingConfig, run: Path, tmp_path: Path) -> None:
    export_pipeline(trained(tiny, run), tiny, tmp_path / "weights", "test")
    pipeline: Any = Flux2KleinInpaintPipeline.from_pretrained(tmp_path / "weights", dtype=torch.float32)
    picture, mask = Image.new("RGB", (64, 64), "red"), Image.new("L", (64, 64), 255)
    edited = pipeline(
        prompt="make it blue",
        image=picture,
        mask_image=mask,
        num_inference_steps=3,
        guidance_scale=2.0,
        **text_arguments(tiny),
    ).images[0]
    assert edited.size == (64, 64)


def test_an_export_replaces_the_one_before_and_leaves_nothing_else(
    tiny: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    sampler = trained(tiny, run)
    for revision in ("1", "2"):
        export_pipeline(sampler, tiny, tmp_path / "out" / "weights", revision)
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["weights"]
    facts = json.loads((tmp_path / "out" / "weights" / "plantain.json").read_text())
    assert facts["revision"] == "2"
    assert facts["max_sequence_length"] == tiny.text.max_tokens
    assert facts["size_multiple"] == 8


def test_the_exported_folder_does_not_say_where_it_was_made(
    tiny: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    trained(tiny, run)
    resumed = trained(tiny, run)  # its autoencoder was read from the run's folder
    export_pipeline(resumed, tiny, tmp_path / "weights", "test")
    assert not any(str(run) in file.read_text() for file in (tmp_path / "weights").rglob("*.json"))


def test_a_training_goes_on_from_a_pipeline_folder(
    tiny: TrainingConfig, pipeline: Path, tmp_path: Path
) -> None:
    training = StarterTraining(
        replace(tiny, seed=2), tmp_path / "further", device="cpu", stop=never, start=pipeline
    )
    further = training.train_all()
    assert further is not None
    start = load_sampler(pipeline)
    for name in ("vae", "text_encoder"):
        before, after_it = getattr(start, name).state_dict(), getattr(further, name).state_dict()
        assert all(torch.equal(before[key], after_it[key]) for key in before), name
    before, after_it = start.transformer.state_dict(), further.transformer.state_dict()
    changes = [(before[key] - after_it[key]).abs().max().item() for key in before]
    # Four small steps from the given weights: others than they were, and nowhere near untrained ones.
    assert 0 < max(changes) < 0.1


def test_the_run_holds_the_pipeline_so_far(tiny: TrainingConfig, tmp_path: Path) -> None:
    before_the_transformer = 4 + 4 + len(tiny.buckets) * len(EXAMPLE_KINDS) + 1
    stop = after(before_the_transformer + 2)
    assert StarterTraining(tiny, tmp_path, device="cpu", stop=stop, revision="7").train_all() is None
    facts = json.loads((tmp_path / "pipeline" / "plantain.json").read_text())
    assert facts["revision"] == "7"
    assert facts["steps"] == tiny.sampling.steps
    Flux2KleinPipeline.from_pretrained(tmp_path / "pipeline", dtype=torch.float32)


def text_arguments(config: TrainingConfig) -> dict[str, Any]:
    return {
        "max_sequence_length": config.text.max_tokens,
        "text_encoder_out_layers": config.text.out_layers,
    }
