"""Models."""

from __future__ import annotations

from typing import Any, Literal

from ...description.operation import DescribedModel


class OpenAiModel(DescribedModel):
    """A model of this deployment."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class OpenAiModelList(DescribedModel):
    """The models of this deployment."""

    object: Literal["list"]
    data: tuple[OpenAiModel, ...]
    models: tuple[dict[str, Any], ...]
    """The same models, as Google's clients read them."""
