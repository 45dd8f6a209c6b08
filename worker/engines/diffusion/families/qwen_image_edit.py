"""Qwen-Image-Edit: changes an image as the prompt says, with references beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as edit_plus
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, ProcessorMixin, Qwen2VLProcessor

from functions.contract.errors import UnsupportedTask
from worker.engines.diffusion import images
from worker.engines.diffusion.card import ModelDefaults
from worker.engines.diffusion.families.family import (
    Family,
    PipelineCall,
    refuse_negative_prompt,
    refuse_region,
    refuse_strength,
)
from worker.engines.diffusion.families.latents import undo_channel_statistics, unpack_patches
from worker.engines.framing import fit_conditions
from worker.engines.protocol import Brief

_EMPTY = " "  # what the model's card gives for no negative prompt


class QwenImageEdit(Family):
    """https://huggingface.co/papers/2508.02324, the versions from 2509 on: they take several images."""

    writes = True
    follows_instructions = True
    needs_image = True

    @classmethod
    def load_parts(cls, directory: Path) -> dict[str, Any]:
        """Loads the processor without its part for videos, which needs torchvision."""
        folder, local = directory / "processor", {"local_files_only": True}
        pictures = AutoImageProcessor.from_pretrained(folder, **local)
        return {"processor": _PictureProcessor(pictures, AutoTokenizer.from_pretrained(folder, **local))}

    def defaults(self) -> ModelDefaults:
        side = self.pipeline.default_sample_size * self.pipeline.vae_scale_factor
        return ModelDefaults(
            native_area=side * side,
            size_multiple=self.pipeline.vae_scale_factor * 2,
            max_native_side=2 * side,
            steps=40,
            guidance=4.0,
        )

    def call(self, brief: Brief, width: int, height: int) -> PipelineCall:
        for refuse in (refuse_region, refuse_strength):
            refuse(brief, "Qwen-Image-Edit")
        if not brief.images:
            raise UnsupportedTask("Qwen-Image-Edit changes images; send one, or name another model.")
        seen = [images.pil_image(each) for each in fit_conditions(brief, (width, height), self.sizes)]
        arguments = {
            "image": seen,
            "width": width,
            "height": height,
            "num_inference_steps": self.steps(brief),
        }
        return PipelineCall(self.pipeline, self._prompt(brief, seen) | arguments)

    def _prompt(self, brief: Brief, seen: list[Image.Image]) -> dict[str, Any]:
        """Returns (1, tokens, width) with a mask that may be None, and the same for the negative prompt."""
        guidance = self.guidance(brief)
        conditions = [self._condition(image) for image in seen]
        arguments = self._embed(brief.prompt, conditions, "")
        if guidance <= 1:
            refuse_negative_prompt(brief)
            return arguments | {"true_cfg_scale": 1.0}
        negative = self._embed(brief.negative_prompt or _EMPTY, conditions, "negative_")
        return arguments | negative | {"true_cfg_scale": guidance}

    def _embed(self, prompt: str, conditions: list[Any], name: str) -> dict[str, Any]:
        embeds, mask = self.pipeline.encode_prompt(prompt, image=conditions)
        return {f"{name}prompt_embeds": embeds, f"{name}prompt_embeds_mask": mask}

    def _condition(self, image: Image.Image) -> Any:
        """Returns the image at the size at which the text encoder sees it."""
        size = edit_plus.calculate_dimensions(edit_plus.CONDITION_IMAGE_SIZE, image.width / image.height)
        return self.pipeline.image_processor.resize(image, size[1], size[0])

    def unread_prompt(self, prompt: str) -> str | None:
        del prompt  # the pipeline cuts nothing off
        return None

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, 4C) into (1, C, h, w), and puts each channel's statistics back."""
        multiple = self.pipeline.vae_scale_factor * 2
        return undo_channel_statistics(self.pipeline.vae, unpack_patches(latents, width, height, multiple))


class _PictureProcessor(Qwen2VLProcessor):
    """Takes text and pictures, without videos."""

    def __init__(self, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None) -> None:
        self.image_token, self.video_token = "<|image_pad|>", "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        ProcessorMixin.__init__(self, image_processor, tokenizer, chat_template=chat_template)
