"""Stable Diffusion XL: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_img2img import (
    StableDiffusionXLImg2ImgPipeline,
)
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_inpaint import (
    StableDiffusionXLInpaintPipeline,
)

from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.family import refuse_negative_prompt
from worker.engines.diffusion.families.latents import undo_channel_statistics
from worker.engines.diffusion.families.redrawing import RedrawingFamily
from worker.engines.protocol import Brief

_MULTIPLE = 8  # the pipelines demand it


class StableDiffusionXL(RedrawingFamily):
    """https://huggingface.co/papers/2307.01952"""

    writes = False
    title = "Stable Diffusion XL"
    image_pipeline = StableDiffusionXLImg2ImgPipeline
    region_pipeline = StableDiffusionXLInpaintPipeline
    image_sets_size = True

    def parts(self) -> dict[str, Any]:
        """Leaves out diffusers' marker, which would run if its package were installed: marking is a stage."""
        return self.pipeline.components | {"add_watermarker": False}

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

    def prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, 77, width) by both CLIPs and (1, width) pooled, each with its negative."""
        guidance = self.guidance(brief)
        if guidance <= 1:
            refuse_negative_prompt(brief)
        embeds, negative, pooled, negative_pooled = self.encode_prompt(
            brief.prompt, negative_prompt=brief.negative_prompt, do_classifier_free_guidance=guidance > 1
        )
        return {
            "prompt_embeds": embeds,
            "negative_prompt_embeds": negative,
            "pooled_prompt_embeds": pooled,
            "negative_pooled_prompt_embeds": negative_pooled,
            "guidance_scale": guidance,
        }

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns (1, C, h, w) with the scale undone."""
        del width, height  # the latents are never packed
        config = self.pipeline.vae.config
        latents = latents / config.scaling_factor
        if config.latents_mean is None or config.latents_std is None:
            return latents
        return undo_channel_statistics(self.pipeline.vae, latents)
