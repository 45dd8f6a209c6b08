"""Stable Diffusion XL: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_img2img import (
    StableDiffusionXLImg2ImgPipeline,
)
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_inpaint import (
    StableDiffusionXLInpaintPipeline,
)

from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.families.change import change_arguments, region_arguments
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_negative_prompt,
    refuse_references,
    without_progress_bar,
)
from worker.engines.protocol import Brief

_STRENGTH = 0.6
_MULTIPLE = 8  # the pipelines demand it


class StableDiffusionXL(Family):
    """https://huggingface.co/papers/2307.01952"""

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        # Marking is a stage of its own; diffusers' marker would run if its package were installed.
        parts = pipeline.components | {"add_watermarker": False}
        self._image = without_progress_bar(StableDiffusionXLImg2ImgPipeline(**parts))
        self._region = without_progress_bar(StableDiffusionXLInpaintPipeline(**parts))

    def defaults(self) -> ModelDefaults:
        """Chooses the multiple of the sides so that every level of the U-Net halves evenly."""
        halvings = 2 ** (len(self.pipeline.unet.config.block_out_channels) - 1)
        side = self.pipeline.default_sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=max(_MULTIPLE, self.pipeline.vae_scale_factor * halvings),
            max_native_side=2 * side,
            steps=30,
            guidance=5.0,
        )

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        refuse_references(brief, "Stable Diffusion XL")
        arguments, native, steps = self._prompt(brief), (width, height), self.steps(brief)
        if not brief.images:
            size = {"width": width, "height": height}
            return PipelineCall(self.pipeline, arguments | size | {"num_inference_steps": steps})
        if brief.mask is None:
            return PipelineCall(self._image, arguments | change_arguments(brief, native, steps, _STRENGTH))
        return PipelineCall(self._region, arguments | region_arguments(brief, native, steps))

    def _prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, 77, width) by both CLIPs and (1, width) pooled, each with its negative."""
        guidance = self.guidance(brief)
        if guidance <= 1:
            refuse_negative_prompt(brief)
        embeds, negative, pooled, negative_pooled = self.pipeline.encode_prompt(
            brief.prompt, negative_prompt=brief.negative_prompt, do_classifier_free_guidance=guidance > 1
        )
        return {
            "prompt_embeds": embeds,
            "negative_prompt_embeds": negative,
            "pooled_prompt_embeds": pooled,
            "negative_pooled_prompt_embeds": negative_pooled,
            "guidance_scale": guidance,
        }

    def unpack(self, latents: Any, width: int, height: int) -> Any:  # noqa: ARG002 - they are never packed
        """Returns (1, C, h, w) with the scale undone."""
        config = self.pipeline.vae.config
        if config.latents_mean is None or config.latents_std is None:
            return latents / config.scaling_factor
        mean = torch.tensor(config.latents_mean).view(1, -1, 1, 1).to(latents)
        deviation = torch.tensor(config.latents_std).view(1, -1, 1, 1).to(latents)
        return latents * deviation / config.scaling_factor + mean
