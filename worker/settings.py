"""The worker's own settings, beside those that it shares with the functions."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from functions.contract.settings import Settings


class WorkerSettings(Settings):
    """Read from ``PLANTAIN_*`` like the rest. Times are in seconds."""

    data: Path = Path("plantain-data")  # the laptop's keys and the cache of model files
    watermark_key: str | None = Field(default=None, repr=False)  # 64 hexadecimal digits
    watermark_key_version: int = Field(default=1, ge=1, le=255)
    warm_models: tuple[str, ...] = ()  # loaded before the worker is ready; none means the default model
    device: str | None = None  # None: CUDA if there is one, else the CPU
    dtype: str | None = None  # None: what the model says
    ready_file: Path | None = None  # written when the worker is warm
    grace_seconds: float = Field(default=7.0, ge=0)  # Cloud Run gives 10 between SIGTERM and SIGKILL
    hang_seconds: float = Field(default=600.0, gt=0)  # silence after which the engine is taken for hung
    checkpoint_after_seconds: float = Field(default=2.0, ge=0)  # cheaper drawings are drawn again instead
    memory_bytes: int | None = Field(default=None, ge=1)  # for pictures in flight; None: half of what is free
    jobs_in_flight: int = Field(default=8, ge=1, le=64)
