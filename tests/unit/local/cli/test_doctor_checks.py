"""What ``plantain doctor`` says of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.cli.doctor_checks import check_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("where", ["gs://models/klein", f"black-forest-labs/FLUX.2-klein-4B@{COMMIT}"])
def test_a_model_that_would_land_in_memory_is_warned_of(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTAIN_DATA", str(tmp_path))
    monkeypatch.setenv("PLANTAIN_MODELS", f'{{"klein": "{where}"}}')
    monkeypatch.setenv("PLANTAIN_DEFAULT_MODEL", "klein")
    monkeypatch.setenv("CLOUD_RUN_WORKER_POOL", "worker")
    (check,) = check_model()
    assert check.outcome == "warn" and "is memory" in check.says


def test_a_model_that_lands_on_a_disk_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTAIN_DATA", str(tmp_path))
    monkeypatch.setenv("PLANTAIN_MODELS", '{"klein": "gs://models/klein"}')
    monkeypatch.setenv("PLANTAIN_DEFAULT_MODEL", "klein")
    monkeypatch.setattr("worker.engines.diffusion.room.is_memory", lambda directory: False)  # pyright: ignore[reportUnknownLambdaType]
    (check,) = check_model()
    assert check.outcome == "ok"
