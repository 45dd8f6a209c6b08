"""Training pairs of the starter's upscaler: what its decoder makes of a scene, and the scene drawn large.

The small pictures have the errors of the decoder, and most of them those of the transformer too: an upscaler
that was only shown clean pictures keeps those errors, and enlarges them.
"""

from __future__ import annotations

import random

import torch

from training.networks.autoencoder import decode_latents, encode_pixels, to_pixels
from training.networks.latent_errors import with_latent_errors
from training.networks.sampler import Sampler
from training.scenes.scene_sampling import BUCKETS, render_scene, sample_scene
from training.upscaler.dataset import PicturePair

_SCENES = 4  # a batch
_CROP = 48  # pixels of the small picture, at most


class IllustrationPairs:
    """Scenes through the starter's autoencoder, and their renders at the large size, both in 0–1."""

    def __init__(self, sampler: Sampler, factor: int, seed: int) -> None:
        self._sampler, self._factor, self._seed = sampler, factor, seed

    def batch(self, step: int) -> PicturePair:
        """Returns crops, at most 48 px a side, of decoded latents with errors, and of their renders."""
        rng = random.Random(f"upscaler {self._seed} {step}")
        small, large = self._pairs(rng, torch.Generator().manual_seed(self._seed * 1_000_003 + step))
        (top, bottom), (left, right) = (_random_span(rng, length) for length in small.shape[2:])
        factor = self._factor
        return (
            small[:, :, top:bottom, left:right],
            large[:, :, factor * top : factor * bottom, factor * left : factor * right],
        )

    def held_out(self, number: int) -> PicturePair:
        """Returns whole pictures of a batch that training never sees, whose latents are exact."""
        return self._pairs(random.Random(f"held-out upscaler {number}"), None)

    @torch.no_grad()
    def _pairs(self, rng: random.Random, generator: torch.Generator | None) -> PicturePair:
        width, height = rng.choice(BUCKETS)
        scenes = [sample_scene(rng, wide=width >= height) for _ in range(_SCENES)]
        latents = encode_pixels(
            self._sampler.vae, to_pixels([render_scene(scene, width, height) for scene in scenes])
        )
        if generator is not None:
            latents = with_latent_errors(self._sampler, latents, scenes, rng, generator)
        small = decode_latents(self._sampler.vae, latents).clamp(-1, 1)
        large = to_pixels(
            [render_scene(scene, width * self._factor, height * self._factor) for scene in scenes]
        )
        return (small + 1) / 2, (large + 1) / 2


def _random_span(rng: random.Random, length: int) -> tuple[int, int]:
    start = rng.randint(0, max(length - _CROP, 0))
    return start, min(start + _CROP, length)
