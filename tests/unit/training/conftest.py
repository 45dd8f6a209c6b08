from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.networks.config import (
    AutoencoderShape,
    TextShape,
    TrainingConfig,
    TrainingSpan,
    TransformerShape,
)
from training.starter.export import export_pipeline
from training.starter.starter_training import StarterTraining


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny modules gain nothing from threads, and other tests run beside these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny() -> TrainingConfig:
    """The real classes at the smallest size that still does everything."""
    return replace(
        TrainingConfig(),
        name="tiny",
        buckets=((16, 16), (24, 16)),
        scenes=6,
        edits=4,
        references=2,
        threads=1,
        autoencoder=AutoencoderShape((8, 8, 8), (8, 8, 8), 4, 4),
        text=TextShape(
            vocabulary=300,
            tokenizer_captions=500,
            width=32,
            layers=2,
            heads=2,
            out_layers=(1, 2),
            max_tokens=48,
        ),
        transformer=TransformerShape(2, (4, 4, 4, 4), 1, 1),
        autoencoder_span=TrainingSpan(minutes=600, steps=4),
        text_span=TrainingSpan(minutes=600, steps=4),
        transformer_span=TrainingSpan(minutes=600, steps=4),
        student_span=TrainingSpan(minutes=600, steps=4),
        trajectories=4,
        teacher_steps=1,
        autoencoder_batch=2,
        text_batch=4,
        transformer_batch=2,
        student_batch=2,
    )


@pytest.fixture(scope="session")
def pipeline(tiny: TrainingConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny trained pipeline's folder."""
    folder = tmp_path_factory.mktemp("tiny-pipeline")
    sampler = StarterTraining(tiny, folder / "run", device="cpu", stop=lambda: False).train_all()
    assert sampler is not None
    export_pipeline(sampler, tiny, folder / "weights", "test")
    return folder / "weights"
