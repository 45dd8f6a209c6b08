"""Families of three pipelines: one draws from text, one redraws a share of an image, one a region of it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from worker.engines.diffusion.card import ModelCard
from worker.engines.diffusion.families.change import change_arguments, region_arguments
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_references,
    without_progress_bar,
)
from worker.engines.protocol import Brief


class RedrawingFamily(Family):
    """Takes one image, and the strength of its change instead of an instruction."""

    images_share_passes = True
    title: ClassVar[str]
    image_pipeline: ClassVar[Any]
    region_pipeline: ClassVar[Any]
    usual_strength: ClassVar[float] = 0.6
    image_sets_size: ClassVar[bool] = False  # True if the pipeline for images takes no width and height

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        parts = self.parts()
        self._image = without_progress_bar(self.image_pipeline(**parts))
        self._region = without_progress_bar(self.region_pipeline(**parts))

    def parts(self) -> dict[str, Any]:
        """Returns the components and options of the two other pipelines."""
        return self.pipeline.components

    @abstractmethod
    def prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns the embeddings of the prompt and the negative prompt, and the guidance."""

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        refuse_references(brief, self.title)
        arguments, native, steps = self.prompt(brief), (width, height), self.steps(brief)
        size = {"width": width, "height": height}
        if not brief.images:
            return PipelineCall(self.pipeline, arguments | size | {"num_inference_steps": steps})
        if brief.mask is not None:
            return PipelineCall(self._region, arguments | region_arguments(brief, native, steps))
        change = change_arguments(brief, native, steps, self.usual_strength)
        return PipelineCall(self._image, arguments | ({} if self.image_sets_size else size) | change)
