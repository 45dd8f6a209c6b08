"""What the FLUX.2 families share: images of any size beside the prompt, and how latents are packed."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from diffusers.pipelines.flux2.image_processor import Flux2ImageProcessor
from PIL import Image

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion import images
from worker.engines.diffusion.card import ModelCard, ModelDefaults
from worker.engines.diffusion.families.family import Family
from worker.engines.framing import Size, fit_conditions
from worker.engines.protocol import Brief

# The pipelines silently shrink larger images.
_MOST_AREA = 1024 * 1024


class Flux2Family(Family):
    """Changes an image as the prompt says, and sees references beside it."""

    writes = True
    follows_instructions = True

    def __init__(self, pipeline: Any, card: ModelCard) -> None:
        super().__init__(pipeline, card)
        if self.settings.native_area > _MOST_AREA:
            raise ModelUnavailable(
                f"plantain.json gives native_area {self.settings.native_area}; this pipeline draws at most "
                f"{_MOST_AREA} px²."
            )
        pipeline.image_processor = _AnySize(vae_scale_factor=pipeline.vae_scale_factor * 2)

    def defaults(self) -> ModelDefaults:
        """Returns the text layers at the quarters, as 9, 18 and 27 of 36."""
        steps, guidance = self.usual_steps()
        layers = self.text_layers()
        return ModelDefaults(
            native_area=_MOST_AREA,
            size_multiple=self.pipeline.vae_scale_factor * 2,
            max_native_side=2048,
            steps=steps,
            guidance=guidance,
            max_sequence_length=512,
            text_encoder_out_layers=(layers // 4, layers // 2, 3 * layers // 4),
        )

    @abstractmethod
    def usual_steps(self) -> tuple[int, float]:
        """Returns the usual number of steps, and the usual guidance."""

    @abstractmethod
    def text_layers(self) -> int:
        """Returns the number of layers of the text encoder."""

    def embed(self, prompt: str) -> Any:
        """Returns (1, tokens, layers x width)."""
        return self.encode_prompt(
            prompt,
            max_sequence_length=self.settings.max_sequence_length,
            text_encoder_out_layers=self.settings.text_encoder_out_layers,
        )[0]

    def seen_images(self, brief: Brief, native: Size) -> dict[str, Any]:
        """Returns the argument with the images that the model sees beside its drawing, or None."""
        seen = [images.pil_image(picture) for picture in fit_conditions(brief, native, self.sizes)]
        return {"image": seen or None}

    def unpack(self, latents: Any, width: int, height: int) -> Any:
        """Turns (1, tokens, 4C) into (1, C, h, w): undoes the batch norm, and lays out the 2x2 patches."""
        vae, multiple = self.pipeline.vae, self.pipeline.vae_scale_factor * 2
        down, across = height // multiple, width // multiple
        patches = latents.permute(0, 2, 1).unflatten(2, (down, across))
        deviation = torch.sqrt(vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps)
        patches = patches * deviation.to(patches) + vae.bn.running_mean.view(1, -1, 1, 1).to(patches)
        patches = patches.unflatten(1, (-1, 2, 2)).permute(0, 1, 4, 2, 5, 3)
        return patches.reshape(1, -1, down * 2, across * 2)


class _AnySize(Flux2ImageProcessor):
    """Takes every image: the pipeline's limits (64 px, 8:1) are for images that were not fitted before."""

    @staticmethod
    def check_image_input(image: Image.Image, *_limits: object, **_named: object) -> Image.Image:
        return image
