"""SANA-Sprint: text and image to image, in one to four steps."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.sana.pipeline_sana_sprint_img2img import SanaSprintImg2ImgPipeline

from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.families.change import change_arguments
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_negative_prompt,
    refuse_references,
    refuse_region,
    without_progress_bar,
)
from worker.engines.diffusion.families.sana import MULTIPLE, usual_instruction
from worker.engines.protocol import Brief

_STRENGTH = 0.6
_MIDDLE = 1.3  # the time between the two steps for which the model was tuned


class SanaSprint(Family):
    """https://huggingface.co/papers/2503.09641: the guidance is distilled, so there is no negative prompt."""

    writes = False
    images_share_passes = True

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        self._image = without_progress_bar(SanaSprintImg2ImgPipeline(**pipeline.components))

    def defaults(self) -> ModelDefaults:
        side = self.pipeline.transformer.config.sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=max(MULTIPLE, self.pipeline.vae_scale_factor),
            max_native_side=2 * side,
            steps=2,
            guidance=4.5,
            max_sequence_length=300,
        )

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        refuse_references(brief, "SANA-Sprint")
        refuse_region(brief, "SANA-Sprint")
        arguments: dict[str, Any] = self._prompt(brief) | {
            "width": width,
            "height": height,
            "use_resolution_binning": False,
            "num_inference_steps": self.steps(brief),
        }
        pipeline = self.pipeline
        if brief.images:
            pipeline = self._image
            arguments |= change_arguments(brief, (width, height), self.steps(brief), _STRENGTH)
        arguments["intermediate_timesteps"] = _MIDDLE if arguments["num_inference_steps"] == 2 else None
        return PipelineCall(pipeline, arguments)

    def _prompt(self, brief: Brief) -> dict[str, Any]:
        """Returns (1, tokens, width) with a mask, and the guidance."""
        refuse_negative_prompt(brief)
        embeds, mask = self.encode_prompt(
            brief.prompt,
            max_sequence_length=self.settings.max_sequence_length,
            complex_human_instruction=usual_instruction(self.pipeline),
        )
        return {
            "prompt_embeds": embeds,
            "prompt_attention_mask": mask,
            "guidance_scale": self.guidance(brief),
        }

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Returns (1, C, h, w) with the scale undone."""
        del width, height  # the latents are never packed
        return latents / self.pipeline.vae.config.scaling_factor
