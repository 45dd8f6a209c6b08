"""FLUX.2 klein: text, instructions and references in one pipeline; regions in its sibling."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.pipelines.flux2.image_processor import Flux2ImageProcessor
from diffusers.pipelines.flux2.pipeline_flux2_klein_inpaint import Flux2KleinInpaintPipeline
from PIL import Image

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion import images
from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.families.change import region_arguments
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_negative_prompt,
    without_progress_bar,
)
from worker.engines.diffusion.prompt_length import unread_end
from worker.engines.framing import contain_on_white, fit_conditions, fit_size, resize_picture
from worker.engines.protocol import Brief

# Both pipelines silently shrink larger images.
_MOST_AREA = 1024 * 1024


class Flux2Klein(Family):
    """https://bfl.ai/blog/flux2-klein-towards-interactive-visual-intelligence"""

    follows_instructions = True

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        if self.settings.native_area > _MOST_AREA:
            raise ModelUnavailable(
                f"plantain.json gives native_area {self.settings.native_area}; this pipeline draws at most "
                f"{_MOST_AREA} px²."
            )
        pipeline.image_processor = _AnySize(vae_scale_factor=pipeline.vae_scale_factor * 2)
        self._distilled = bool(pipeline.config.is_distilled)
        self._region = without_progress_bar(
            Flux2KleinInpaintPipeline(**pipeline.components, is_distilled=self._distilled)
        )

    def defaults(self) -> ModelDefaults:
        """Returns 4 steps for a distilled model. The text layers are the quarters, as 9, 18 and 27 of 36."""
        layers = self.pipeline.text_encoder.config.num_hidden_layers
        distilled = self.pipeline.config.is_distilled
        return ModelDefaults(
            native_area=_MOST_AREA,
            size_multiple=self.pipeline.vae_scale_factor * 2,
            max_native_side=2048,
            steps=4 if distilled else 50,
            guidance=1.0 if distilled else 4.0,
            max_sequence_length=512,
            text_encoder_out_layers=(layers // 4, layers // 2, 3 * layers // 4),
        )

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        arguments, native, steps = self._prompt(brief), (width, height), self.steps(brief)
        if brief.images and (brief.mask is not None or brief.strength is not None):
            references = {"image_reference": self._references(brief)}
            return PipelineCall(self._region, arguments | references | region_arguments(brief, native, steps))
        size = {"width": width, "height": height, "num_inference_steps": steps}
        seen = [images.pil_image(picture) for picture in fit_conditions(brief, native, self.sizes)]
        return PipelineCall(self.pipeline, arguments | size | {"image": seen or None})

    def _prompt(self, brief: Brief) -> dict[str, Any]:
        guidance = self.guidance(brief)
        guided = guidance > 1 and not self._distilled
        if not guided:
            refuse_negative_prompt(brief)
        return {
            "prompt_embeds": self._embed(brief.prompt),
            "negative_prompt_embeds": self._embed(brief.negative_prompt or "") if guided else None,
            "guidance_scale": guidance if guided else 1.0,
        }

    def _embed(self, prompt: str) -> Any:
        """Returns (1, tokens, layers x width)."""
        return self.pipeline.encode_prompt(
            prompt,
            max_sequence_length=self.settings.max_sequence_length,
            text_encoder_out_layers=self.settings.text_encoder_out_layers,
        )[0]

    def unread_prompt(self, prompt: str) -> str | None:
        tokenizer = self.pipeline.tokenizer
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,
        )
        return unread_end(tokenizer, prompt, self.settings.max_sequence_length, text)

    def _references(self, brief: Brief) -> list[Image.Image] | None:
        """Returns the references, all at the size of the first, to which the pipeline would crop them."""
        if len(brief.images) < 2:
            return None
        first, *others = brief.images[1:]
        width, height = fit_size(first, self.sizes)
        sized = [resize_picture(first, width, height), *(contain_on_white(o, width, height) for o in others)]
        return [images.pil_image(picture) for picture in sized]

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, 4C) into (1, C, h, w): undoes the batch norm, and lays out the 2x2 patches."""
        vae, multiple = self.pipeline.vae, self.pipeline.vae_scale_factor * 2
        down, across = height // multiple, width // multiple
        patches = latents.permute(0, 2, 1).unflatten(2, (down, across))
        deviation = torch.sqrt(vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps)
        patches = patches * deviation.to(patches) + vae.bn.running_mean.view(1, -1, 1, 1).to(patches)
        patches = patches.unflatten(1, (-1, 2, 2)).permute(0, 1, 4, 2, 5, 3)
        return patches.reshape(1, -1, down * 2, across * 2)

    def unpack_output(self, latents: Any, width: int, height: int) -> Any:  # noqa: ARG002 - the pipeline has unpacked them
        return latents


class _AnySize(Flux2ImageProcessor):
    """Takes every image: the pipeline's limits (64 px, 8:1) are for images that were not fitted before."""

    @staticmethod
    def check_image_input(image: Image.Image, *_limits: object, **_named: object) -> Image.Image:
        return image
