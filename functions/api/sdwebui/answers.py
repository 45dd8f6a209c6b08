"""The answers of the WebUI's interface, for its description: `/openapi.json`."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from ..description.operation import DescribedModel


class WebUiError(DescribedModel):
    """An error as the WebUI writes it."""

    error: str
    detail: str
    body: str
    errors: str


class WebUiParameters(DescribedModel):
    """The request as it was understood."""

    prompt: str | None
    negative_prompt: str
    seed: int
    width: int
    height: int
    steps: int | None
    cfg_scale: float | None
    denoising_strength: float | None
    batch_size: int
    n_iter: int


class WebUiImages(DescribedModel):
    """The pictures in base64."""

    images: tuple[str, ...]
    parameters: WebUiParameters
    info: str
    """JSON as text, with the seeds."""


class WebUiOptions(DescribedModel):
    """The options: the model that draws when a request names none."""

    sd_model_checkpoint: str
    samples_format: str


class AcceptedOptions(RootModel[None]):
    """Nothing: the options are not kept."""


class WebUiModel(DescribedModel):
    """A model of this deployment."""

    title: str
    model_name: str
    hash: str | None
    sha256: str | None
    filename: str
    config: str | None


class WebUiModelList(RootModel[tuple[WebUiModel, ...]]):
    """The models of this deployment."""


class WebUiList(RootModel[tuple[dict[str, Any], ...]]):
    """What has no counterpart here, as clients expect it."""


class WebUiState(DescribedModel):
    """How far the newest job is."""

    skipped: bool
    interrupted: bool
    stopping_generation: bool
    job: str
    job_count: int
    job_timestamp: str
    job_no: int
    sampling_step: int
    sampling_steps: int


class WebUiProgress(DescribedModel):
    """How far the newest job is, with its preview in base64."""

    progress: float
    eta_relative: float
    state: WebUiState
    current_image: str | None
    textinfo: str | None


class Interrupted(DescribedModel):
    """Nothing."""
