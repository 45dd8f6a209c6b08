"""The large decoder, whose pictures are four times as large as those of its encoder, and its training data.

The transformer works on the latents of 64 px pictures. Their encoder stays as it is; this decoder turns the
same latents into 256 px. It is trained on pairs: latents, with errors such as a denoiser leaves, and the
scene rendered at the large size.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch import nn
from torch.nn import functional

from training.scenes.scene_sampling import BUCKETS, render_scene, sample_scene

from .autoencoder import encode_pixels, pixels_of, to_pixels, unnormalise_latents
from .discriminator import PatchDiscriminator, discriminator_loss, generator_loss
from .latent_errors import with_latent_errors
from .mixed_precision import autocast
from .sampler import Sampler

FACTOR = 4
"""The factor from the encoder's picture to the decoder's."""
WIDTHS = (16, 32, 64, 128, 192)
"""The decoder's channels, from the picture's size down. It has two levels more than the encoder."""

_EDGES = 0.5  # the weight of the loss on the differences of neighbours
_ADVERSARIAL = 0.004  # the weight of the discriminator's opinion


@dataclass(frozen=True)
class DecoderBatch:
    """Normalised latents, (batch, c, h/8, w/8), and their pictures, (batch, 3, 4h, 4w) from -1 to 1."""

    latents: torch.Tensor
    pictures: torch.Tensor


def with_large_decoder(vae: AutoencoderKLFlux2, widths: tuple[int, ...] = WIDTHS) -> AutoencoderKLFlux2:
    """Builds an autoencoder with the encoder and the statistics of ``vae``, and an untrained decoder."""
    config = dict(vae.config)
    config.update(decoder_block_out_channels=widths, up_block_types=("UpDecoderBlock2D",) * len(widths))
    large = AutoencoderKLFlux2(**{name: value for name, value in config.items() if not name.startswith("_")})
    kept = {name: value for name, value in vae.state_dict().items() if not name.startswith("decoder.")}
    large.load_state_dict(kept, strict=False)
    large.requires_grad_(False)
    large.decoder.requires_grad_(True)
    return large


class DecoderTraining(nn.Module):
    """The decoder and its discriminator in training. The encoder and the student only make the pairs."""

    def __init__(self, sampler: Sampler, size: int, seed: int, widths: tuple[int, ...] = WIDTHS) -> None:
        """``size`` is the batch size; ``sampler`` holds the latents' autoencoder and the student."""
        super().__init__()
        self.vae = with_large_decoder(sampler.vae, widths)
        self.discriminator = PatchDiscriminator()
        self._sampler, self._size, self._seed = sampler, size, seed

    def loss(self, step: int, *, adversarial: bool) -> torch.Tensor:
        """Returns the decoder's loss at ``step``; ``adversarial`` adds the adversarial losses."""
        batch = self.batch(step)
        with autocast(batch.latents.device):
            drawn = pixels_of(self.vae, unnormalise_latents(self.vae, batch.latents))
        drawn = drawn.float()
        loss = reconstruction_loss(drawn, batch.pictures)
        if adversarial:
            loss = loss + _ADVERSARIAL * generator_loss(self.discriminator, drawn)
            loss = loss + discriminator_loss(self.discriminator, drawn, batch.pictures)
        return loss

    def batch(self, step: int, *, errors: bool = True) -> DecoderBatch:
        """Returns the batch of step ``step``. Without ``errors`` the latents are the encoder's own."""
        rng = random.Random(f"decoder {self._seed} {step}")
        width, height = rng.choice(BUCKETS)
        scenes = [sample_scene(rng, wide=width >= height) for _ in range(self._size)]
        latents = encode_pixels(
            self._sampler.vae, to_pixels([render_scene(scene, width, height) for scene in scenes])
        )
        large = to_pixels([render_scene(scene, FACTOR * width, FACTOR * height) for scene in scenes])
        if errors:
            generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
            latents = with_latent_errors(self._sampler, latents, scenes, rng, generator)
        return DecoderBatch(latents, large)


def reconstruction_loss(drawn: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Returns the L1, squared and edge errors between pictures of one shape."""
    across = functional.l1_loss(drawn.diff(dim=3), wanted.diff(dim=3))
    down = functional.l1_loss(drawn.diff(dim=2), wanted.diff(dim=2))
    return functional.l1_loss(drawn, wanted) + functional.mse_loss(drawn, wanted) + _EDGES * (across + down)
