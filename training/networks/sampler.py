"""Sampling during training: the pipeline's steps on the modules in memory."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer
from transformers.models.qwen3.modeling_qwen3 import Qwen3ForCausalLM

from training.scenes.pixel_canvas import Picture

from .autoencoder import decode_latents, encode_pixels, to_pictures, to_pixels
from .config import SamplingConfig, TextShape
from .text_encoder import embed_texts
from .transformer import predict_velocity

GRID_PROMPTS = (
    "a red boat on the sea at night",
    "a yellow car in the city by day",
    "a black cat on a wooden table at sunset",
    "a green tree in the desert",
    "a pink hot air balloon in a meadow by day",
    "a blue house in the snow at night",
    "a white rocket in the desert at sunset",
    "a yellow banana on a table",
    "a purple fish in the sea at sunset",
    "an orange mug on a table by day",
    "draw me a white cat in the snow",
    "night, sea, blue boat",
    "a red car next to a green tree in a meadow",
    "a red house to the left of a yellow balloon in the snow",
    "a boat",
    "a rocket in the city at night",
)


@dataclass(frozen=True)
class Sampler:
    """The modules of a pipeline, and how to sample with them."""

    vae: AutoencoderKLFlux2
    text_encoder: Qwen3ForCausalLM
    tokenizer: Qwen2Tokenizer
    transformer: Flux2Transformer2DModel
    text: TextShape
    sampling: SamplingConfig

    @torch.no_grad()
    def draw(
        self,
        prompts: Sequence[str],
        width: int,
        height: int,
        seed: int,
        before: Sequence[Picture] | None = None,
    ) -> list[Picture]:
        """Draws one picture per prompt. ``before`` has one picture per prompt to edit, of the same size."""
        return to_pictures(decode_latents(self.vae, self.draw_latents(prompts, width, height, seed, before)))

    @torch.no_grad()
    def draw_latents(
        self,
        prompts: Sequence[str],
        width: int,
        height: int,
        seed: int,
        before: Sequence[Picture] | None = None,
    ) -> torch.Tensor:
        """Returns the normalised latents of what :meth:`draw` draws, (prompts, c, height/8, width/8)."""
        device = self.transformer.device
        shrink = 2 ** len(self.vae.config["block_out_channels"])
        channels = self.transformer.config["in_channels"]
        generator = torch.Generator().manual_seed(seed)
        latents = torch.randn(
            (len(prompts), channels, height // shrink, width // shrink), generator=generator
        ).to(device)
        references = None if before is None else encode_pixels(self.vae, to_pixels(before, device))
        for sigma, following in itertools.pairwise(noise_schedule(self.sampling)):
            latents = self.step(latents, references, prompts, sigma, following)
        return latents

    @torch.no_grad()
    def step(
        self,
        latents: torch.Tensor,
        references: torch.Tensor | None,
        prompts: Sequence[str],
        sigma: float,
        following: float,
    ) -> torch.Tensor:
        """Takes one step of Euler's method, with guidance if the sampling asks for it."""
        level = torch.full((len(prompts),), sigma, device=latents.device)
        flow = self._flow(latents, references, prompts, level)
        if self.sampling.guidance > 1:
            without = self._flow(latents, references, [""] * len(prompts), level)
            flow = without + self.sampling.guidance * (flow - without)
        return latents + (following - sigma) * flow

    def _flow(
        self,
        latents: torch.Tensor,
        references: torch.Tensor | None,
        prompts: Sequence[str],
        level: torch.Tensor,
    ) -> torch.Tensor:
        embeddings = embed_texts(self.text_encoder, self.tokenizer, prompts, self.text)
        # At this size a CPU is as fast in single precision; a GPU is many times slower.
        with torch.autocast(latents.device.type, torch.bfloat16, enabled=latents.device.type == "cuda"):
            return predict_velocity(self.transformer, latents, references, embeddings, level).float()


def picture_grid(pictures: Sequence[Picture], columns: int) -> Picture:
    """Puts pictures of one size side by side in rows, and fills a short last row with white."""
    blank = np.full_like(pictures[0], 255)
    rows = [list(pictures[i : i + columns]) for i in range(0, len(pictures), columns)]
    rows[-1] += [blank] * (columns - len(rows[-1]))
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


def write_png(file: Path, picture: Picture, scale: float = 2) -> None:
    """Writes the picture, scaled by a factor."""
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    compression = [cv2.IMWRITE_PNG_COMPRESSION, 9]
    cv2.imwrite(str(file), cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR), compression)


def noise_schedule(sampling: SamplingConfig) -> list[float]:
    """Returns the noise levels of FlowMatchEulerDiscreteScheduler, from 1 down to 0."""
    steps = sampling.steps
    even = [1.0 - (1.0 - 1.0 / steps) * i / max(steps - 1, 1) for i in range(steps)]
    return [sampling.shift * s / (1 + (sampling.shift - 1) * s) for s in even] + [0.0]
