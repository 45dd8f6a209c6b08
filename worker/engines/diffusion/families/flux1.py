"""FLUX.1: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.flux.pipeline_flux_img2img import FluxImg2ImgPipeline
from diffusers.pipelines.flux.pipeline_flux_inpaint import FluxInpaintPipeline

from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.latents import undo_scale_and_shift, unpack_patches
from worker.engines.diffusion.families.redrawing import RedrawingFamily
from worker.engines.protocol import Brief

_NEGATIVE_GUIDANCE = 2.0  # true guidance beside the distilled one: a negative prompt needs it


class Flux1(RedrawingFamily):
    """https://github.com/black-forest-labs/flux: dev takes a distilled guidance, schnell none."""

    writes = True
    title = "FLUX.1"
    image_pipeline = FluxImg2ImgPipeline
    region_pipeline = FluxInpaintPipeline

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

    def prompt(self, brief: Brief) -> dict[str, Any]:
        embeds, pooled = self._embed(brief.prompt)
        arguments = {
            "prompt_embeds": embeds,
            "pooled_prompt_embeds": pooled,
            "guidance_scale": self.guidance(brief),
        }
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
        return self.encode_prompt(
            prompt, prompt_2=None, max_sequence_length=self.settings.max_sequence_length
        )[:2]

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, 4C) into (1, C, h, w), and undoes scale and shift."""
        multiple = self.pipeline.vae_scale_factor * 2
        return undo_scale_and_shift(self.pipeline.vae, unpack_patches(latents, width, height, multiple))
