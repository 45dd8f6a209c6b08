"""FLUX.2 dev: text, instructions and references in one pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers.pipelines.flux2.pipeline_flux2 import format_input
from transformers import AutoTokenizer

from worker.engines.diffusion.families.family import (
    PipelineCall,
    refuse_negative_prompt,
    refuse_region,
    refuse_strength,
)
from worker.engines.diffusion.families.flux2 import Flux2Family
from worker.engines.diffusion.prompt_length import unread_end
from worker.engines.protocol import Brief


class Flux2Dev(Flux2Family):
    """https://bfl.ai/blog/flux-2: the guidance is distilled, so there is no negative prompt."""

    @classmethod
    def load_parts(cls, directory: Path) -> dict[str, Any]:
        """Loads the tokenizer alone: its processor, which is for images in prompts, needs torchvision."""
        return {"tokenizer": AutoTokenizer.from_pretrained(directory / "tokenizer", local_files_only=True)}

    def usual_steps(self) -> tuple[int, float]:
        return 50, 4.0

    def text_layers(self) -> int:
        return self.pipeline.text_encoder.config.text_config.num_hidden_layers

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        for refuse in (refuse_region, refuse_strength):
            refuse(brief, "FLUX.2 dev")
        refuse_negative_prompt(brief)
        arguments = {
            "prompt_embeds": self.embed(brief.prompt),
            "guidance_scale": self.guidance(brief),
            "width": width,
            "height": height,
            "num_inference_steps": self.steps(brief),
        }
        return PipelineCall(self.pipeline, arguments | self.seen_images(brief, (width, height)))

    def unread_prompt(self, prompt: str) -> str | None:
        tokenizer = self.pipeline.tokenizer
        (chat,) = format_input([prompt], self.pipeline.system_message)
        text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=False)
        return unread_end(tokenizer, prompt, self.settings.max_sequence_length, text)
