"""FLUX.2 klein: text, instructions and references in one pipeline; regions in its sibling."""

from __future__ import annotations

from typing import Any

from diffusers.pipelines.flux2.pipeline_flux2_klein_inpaint import Flux2KleinInpaintPipeline
from PIL import Image

from worker.engines.diffusion import images
from worker.engines.diffusion.card import ModelCard
from worker.engines.diffusion.families.change import region_arguments
from worker.engines.diffusion.families.family import (
    PipelineCall,
    refuse_negative_prompt,
    without_progress_bar,
)
from worker.engines.diffusion.families.flux2 import Flux2Family
from worker.engines.diffusion.prompt_length import unread_end
from worker.engines.framing import contain_on_white, fit_size, resize_picture
from worker.engines.protocol import Brief


class Flux2Klein(Flux2Family):
    """https://bfl.ai/blog/flux2-klein-towards-interactive-visual-intelligence"""

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        self._distilled = bool(pipeline.config.is_distilled)
        self._region = without_progress_bar(
            Flux2KleinInpaintPipeline(**pipeline.components, is_distilled=self._distilled)
        )

    def usual_steps(self) -> tuple[int, float]:
        return (4, 1.0) if self.pipeline.config.is_distilled else (50, 4.0)

    def text_layers(self) -> int:
        return self.pipeline.text_encoder.config.num_hidden_layers

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        arguments, native, steps = self._prompt(brief), (width, height), self.steps(brief)
        if brief.images and (brief.mask is not None or brief.strength is not None):
            references = {"image_reference": self._references(brief)}
            return PipelineCall(self._region, arguments | references | region_arguments(brief, native, steps))
        size = {"width": width, "height": height, "num_inference_steps": steps}
        return PipelineCall(self.pipeline, arguments | size | self.seen_images(brief, native))

    def _prompt(self, brief: Brief) -> dict[str, Any]:
        guidance = self.guidance(brief)
        guided = guidance > 1 and not self._distilled
        if not guided:
            refuse_negative_prompt(brief)
        return {
            "prompt_embeds": self.embed(brief.prompt),
            "negative_prompt_embeds": self.embed(brief.negative_prompt or "") if guided else None,
            "guidance_scale": guidance if guided else 1.0,
        }

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

    def unpack_output(self, latents: Any, width: int, height: int) -> Any:
        del width, height  # the pipeline has unpacked them
        return latents
