"""FLUX.1: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.flux.pipeline_flux_img2img import FluxImg2ImgPipeline
from diffusers.pipelines.flux.pipeline_flux_inpaint import FluxInpaintPipeline

from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.families.change import change_arguments, region_arguments
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_references,
    without_progress_bar,
)
from worker.engines.protocol import Brief

_STRENGTH = 0.6
_NEGATIVE_GUIDANCE = 2.0  # true guidance beside the distilled one: a negative prompt needs it


class Flux1(Family):
    """https://github.com/black-forest-labs/flux: dev takes a distilled guidance, schnell none."""

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        self._image = without_progress_bar(FluxImg2ImgPipeline(**pipeline.components))
        self._region = without_progress_bar(FluxInpaintPipeline(**pipeline.components))

    def defaults(self) -> ModelDefaults:
        dev = self.pipeline.transformer.config.guidance_embeds
        side = self.pipeline.default_sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=self.pipeline.vae_scale_factor * 2,
            max_native_side=2 * side,
            steps=28 if dev else 4,
            guidance=3.5 if dev else 0.0,
            max_sequence_length=512 if dev else 256,
        )

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        refuse_references(brief, "FLUX.1")
        arguments = self._prompt(brief) | {
            "width": width,
            "height": height,
            "guidance_scale": self.guidance(brief),
            "num_inference_steps": self.steps(brief),
        }
        if not brief.images:
            return PipelineCall(self.pipeline, arguments)
        native, steps = (width, height), self.steps(brief)
        if brief.mask is None:
            return PipelineCall(self._image, arguments | change_arguments(brief, native, steps, _STRENGTH))
        return PipelineCall(self._region, arguments | region_arguments(brief, native, steps))

    def _prompt(self, brief: Brief) -> dict[str, Any]:
        embeds, pooled = self._embed(brief.prompt)
        arguments = {"prompt_embeds": embeds, "pooled_prompt_embeds": pooled}
        if not brief.negative_prompt:
            return arguments
        negative_embeds, negative_pooled = self._embed(brief.negative_prompt)
        return arguments | {
            "negative_prompt_embeds": negative_embeds,
            "negative_pooled_prompt_embeds": negative_pooled,
            "true_cfg_scale": _NEGATIVE_GUIDANCE,
        }

    def _embed(self, prompt: str) -> tuple[Any, Any]:
        """Returns (1, tokens, width) by T5 and (1, width) by CLIP."""
        return self.pipeline.encode_prompt(
            prompt, prompt_2=None, max_sequence_length=self.settings.max_sequence_length
        )[:2]

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, 4C) into (1, C, h, w): lays out the 2x2 patches, and undoes scale and shift."""
        vae, multiple = self.pipeline.vae, self.pipeline.vae_scale_factor * 2
        down, across = height // multiple, width // multiple
        patches = latents.view(1, down, across, -1, 2, 2).permute(0, 3, 1, 4, 2, 5)
        grid = patches.reshape(1, -1, down * 2, across * 2)
        return grid / vae.config.scaling_factor + vae.config.shift_factor
