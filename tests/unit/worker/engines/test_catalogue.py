"""Where the models of one engine process compute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from worker.engines.catalogue import Catalogue
from worker.settings import WorkerSettings

STARTER = str(Path(__file__).parents[4] / "worker/embedded_model")


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[..., Catalogue]:
    def make(model: str, device: str | None = None) -> Catalogue:
        settings = WorkerSettings(
            project="p",
            uploads_bucket="u",
            results_bucket="r",
            jobs_bucket="j",
            data=tmp_path,
            models={"mock": "mock", "starter": STARTER},
            default_model="mock",
            device=device,
        )
        made = Catalogue(settings)
        made.engine(model)
        return made

    return make


@pytest.mark.parametrize(
    ("model", "device", "has_cuda", "expected"),
    [
        ("starter", None, True, "cuda"),
        ("starter", "cuda:1", True, "cuda:1"),
        ("starter", "cpu", True, None),
        ("starter", None, False, None),
        ("mock", None, True, None),
    ],
)
def test_the_mark_is_made_where_the_models_compute(
    catalogue: Callable[..., Catalogue],
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    device: str | None,
    has_cuda: bool,
    expected: str | None,
) -> None:
    made = catalogue(model, "cpu")
    made._settings = made._settings.model_copy(update={"device": device})  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    assert made.accelerator() == expected
