"""Qwen-Image: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.qwenimage.pipeline_qwenimage_img2img import QwenImageImg2ImgPipeline
from diffusers.pipelines.qwenimage.pipeline_qwenimage_inpaint import QwenImageInpaintPipeline

from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.family import refuse_negative_prompt
from worker.engines.diffusion.families.latents import undo_channel_statistics, unpack_patches
from worker.engines.diffusion.families.redrawing import RedrawingFamily
from worker.engines.protocol import Brief

_EMPTY = " "  # what the model's card gives for no negative prompt


class QwenImage(RedrawingFamily):
    """https://huggingface.co/papers/2508.02324"""

    writes = True
    title = "Qwen-Image"
    image_pipeline = QwenImageImg2ImgPipeline
    region_pipeline = QwenImageInpaintPipeline

    def defaults(self) -> ModelDefaults:
        side = self.pipeline.default_sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=self.pipeline.vae_scale_factor * 2,
            max_native_side=2 * side,
            steps=50,
            guidance=4.0,
            max_sequence_length=512,
        )

    def prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, tokens, width) with a mask that may be None, and the same for the negative prompt."""
        guidance = self.guidance(brief)
        arguments = self._embed(brief.prompt, "")
        if guidance <= 1:
            refuse_negative_prompt(brief)
            return arguments | {"true_cfg_scale": 1.0}
        negative = self._embed(brief.negative_prompt or _EMPTY, "negative_")
        return arguments | negative | {"true_cfg_scale": guidance}

    def _embed(self, prompt: str, name: str) -> dict[str, Any]:
        embeds, mask = self.encode_prompt(prompt, max_sequence_length=self.settings.max_sequence_length)
        return {f"{name}prompt_embeds": embeds, f"{name}prompt_embeds_mask": mask}

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, 4C) into (1, C, h, w), and puts each channel's statistics back."""
        multiple = self.pipeline.vae_scale_factor * 2
        return undo_channel_statistics(self.pipeline.vae, unpack_patches(latents, width, height, multiple))
