"""Stable Diffusion 3.5: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3_img2img import (
    StableDiffusion3Img2ImgPipeline,
)
from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3_inpaint import (
    StableDiffusion3InpaintPipeline,
)

from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.family import refuse_negative_prompt
from worker.engines.diffusion.families.latents import undo_scale_and_shift
from worker.engines.diffusion.families.redrawing import RedrawingFamily
from worker.engines.protocol import Brief


class StableDiffusion3(RedrawingFamily):
    """https://huggingface.co/papers/2403.03206; the turbo model's card says 4 steps and guidance 0."""

    writes = True
    title = "Stable Diffusion 3.5"
    image_pipeline = StableDiffusion3Img2ImgPipeline
    region_pipeline = StableDiffusion3InpaintPipeline

    def defaults(self) -> ModelDefaults:
        side = self.pipeline.default_sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=self.pipeline.vae_scale_factor * self.pipeline.patch_size,
            max_native_side=2 * side,
            steps=28,
            guidance=4.5,
            max_sequence_length=256,
        )

    def prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, tokens, width) by two CLIPs and T5, and (1, width) pooled, each with its negative."""
        guidance = self.guidance(brief)
        if guidance <= 1:
            refuse_negative_prompt(brief)
        embeds, negative, pooled, negative_pooled = self.encode_prompt(
            brief.prompt,
            prompt_2=None,
            prompt_3=None,
            negative_prompt=brief.negative_prompt,
            do_classifier_free_guidance=guidance > 1,
            max_sequence_length=self.settings.max_sequence_length,
        )
        return {
            "prompt_embeds": embeds,
            "negative_prompt_embeds": negative,
            "pooled_prompt_embeds": pooled,
            "negative_pooled_prompt_embeds": negative_pooled,
            "guidance_scale": guidance,
        }

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns (1, C, h, w) with scale and shift undone."""
        del width, height  # the latents are never packed
        return undo_scale_and_shift(self.pipeline.vae, latents)
