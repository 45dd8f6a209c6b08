"""SANA: text only."""

from __future__ import annotations

import inspect
from typing import Any

from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_images,
    refuse_negative_prompt,
)
from worker.engines.protocol import Brief

MULTIPLE = 32  # the pipelines demand it


class Sana(Family):
    """https://huggingface.co/papers/2410.10629"""

    writes = False

    def defaults(self) -> ModelDefaults:
        side = self.pipeline.transformer.config.sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=max(MULTIPLE, self.pipeline.vae_scale_factor),
            max_native_side=2 * side,
            steps=20,
            guidance=4.5,
            max_sequence_length=300,
        )

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        refuse_images(brief, "SANA")
        size = {"width": width, "height": height, "use_resolution_binning": False}
        return PipelineCall(
            self.pipeline, self._prompt(brief) | size | {"num_inference_steps": self.steps(brief)}
        )

    def _prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, tokens, width) with a mask, and the same for the negative prompt."""
        guidance = self.guidance(brief)
        if guidance <= 1:
            refuse_negative_prompt(brief)
        embeds, mask, negative, negative_mask = self.encode_prompt(
            brief.prompt,
            do_classifier_free_guidance=guidance > 1,
            negative_prompt=brief.negative_prompt or "",
            max_sequence_length=self.settings.max_sequence_length,
            complex_human_instruction=usual_instruction(self.pipeline),
        )
        return {
            "prompt_embeds": embeds,
            "prompt_attention_mask": mask,
            "negative_prompt": None,  # "" by default, which the pipeline refuses beside embeddings
            "negative_prompt_embeds": negative,
            "negative_prompt_attention_mask": negative_mask,
            "guidance_scale": guidance,
        }

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns (1, C, h, w) with the scale undone."""
        del width, height  # the latents are never packed
        return latents / self.pipeline.vae.config.scaling_factor


def usual_instruction(pipeline: Any) -> list[str]:
    """Returns the text that the pipeline puts before every prompt: the model was trained with it."""
    return inspect.signature(type(pipeline).__call__).parameters["complex_human_instruction"].default
