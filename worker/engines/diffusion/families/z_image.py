"""Z-Image: text, image to image, and regions."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.z_image.pipeline_z_image_img2img import ZImageImg2ImgPipeline
from diffusers.pipelines.z_image.pipeline_z_image_inpaint import ZImageInpaintPipeline

from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.family import refuse_negative_prompt
from worker.engines.diffusion.families.latents import undo_scale_and_shift
from worker.engines.diffusion.families.redrawing import RedrawingFamily
from worker.engines.diffusion.prompt_length import unread_end
from worker.engines.protocol import Brief

_SIDE = 1024  # px of the square that it was trained for; the pipeline does not say it


class ZImage(RedrawingFamily):
    """https://github.com/Tongyi-MAI/Z-Image. The defaults are the turbo model's, which takes no guidance.

    Guidance 0 is none: the prediction moves away from the negative prompt's by ``guidance`` times their
    difference.
    """

    writes = True
    prompt_padding = 32
    title = "Z-Image"
    image_pipeline = ZImageImg2ImgPipeline
    region_pipeline = ZImageInpaintPipeline

    def defaults(self) -> ModelDefaults:
        return ModelDefaults(
            native_area=_SIDE * _SIDE,
            size_multiple=self.pipeline.vae_scale_factor * 2,
            max_native_side=2 * _SIDE,
            steps=8,
            guidance=0.0,
            max_sequence_length=512,
        )

    def prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns a list of (tokens, width) for the prompt, and one for its negative."""
        guidance = self.guidance(brief)
        if guidance <= 0:
            refuse_negative_prompt(brief)
        embeds, negative = self.encode_prompt(
            brief.prompt,
            do_classifier_free_guidance=guidance > 0,
            negative_prompt=brief.negative_prompt,
            max_sequence_length=self.settings.max_sequence_length,
        )
        return {"prompt_embeds": embeds, "negative_prompt_embeds": negative, "guidance_scale": guidance}

    def unread_prompt(self, prompt: str) -> str | None:
        tokenizer = self.pipeline.tokenizer
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=True,
        )
        return unread_end(tokenizer, prompt, self.settings.max_sequence_length, text)

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns (1, C, h, w) with scale and shift undone."""
        del width, height  # the latents are never packed
        return undo_scale_and_shift(self.pipeline.vae, latents)
