"""The decoder that draws four times as large as its encoder looks, and what it learns from.

The transformer works on the latents of 64 px pictures. Their encoder stays as it is; this decoder turns the
same latents into 256 px. It is trained on pairs: latents, with errors as a denoiser leaves them, and the
scene rendered at the large size.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch import nn
from torch.nn import functional

from training.examples.captions import caption
from training.scenes.scene import BUCKETS, render, sample_scene

from .autoencoder import encode, pixels_of, to_pixels, unnormalised
from .sampler import Studio
from .text_encoder import embed
from .transformer import velocity

FACTOR = 4
"""How many times larger the decoder draws than its encoder looks."""
WIDTHS = (16, 32, 64, 128, 192)
"""The decoder's channels, from the picture's size down: two levels more than the encoder has."""

_EDGES = 0.5  # the weight of the loss on the differences of neighbours
_ADVERSARIAL = 0.004  # the weight of the discriminator's opinion
_MOST_NOISE = 0.3  # standard deviations of the latents
_DENOISED_FROM = (0.15, 0.75)  # noise levels from which the student predicts a picture in one step


@dataclass(frozen=True)
class DecoderBatch:
    """Normalised latents, (batch, c, h/8, w/8), and their pictures, (batch, 3, 4h, 4w) from -1 to 1."""

    latents: torch.Tensor
    pictures: torch.Tensor


def with_large_decoder(vae: AutoencoderKLFlux2, widths: tuple[int, ...] = WIDTHS) -> AutoencoderKLFlux2:
    """Returns an autoencoder with the encoder and the statistics of ``vae``, and an untrained decoder."""
    config = dict(vae.config)
    config.update(decoder_block_out_channels=widths, up_block_types=("UpDecoderBlock2D",) * len(widths))
    large = AutoencoderKLFlux2(**{name: value for name, value in config.items() if not name.startswith("_")})
    kept = {name: value for name, value in vae.state_dict().items() if not name.startswith("decoder.")}
    large.load_state_dict(kept, strict=False)
    large.requires_grad_(False)
    large.decoder.requires_grad_(True)
    return large


class PatchDiscriminator(nn.Module):
    """Scores every patch of (batch, 3, h, w): high for renders, low for decoded ones (arXiv:1611.07004)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 2 * width, 3, 1, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 3, 1, 1),
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.layers(pictures)


class DecoderTraining(nn.Module):
    """Trains the decoder and its discriminator; the encoder and the student only make the pairs."""

    def __init__(self, studio: Studio, size: int, seed: int, widths: tuple[int, ...] = WIDTHS) -> None:
        """``size`` is the batch's; ``studio`` holds the autoencoder of the latents, and the student."""
        super().__init__()
        self.vae = with_large_decoder(studio.vae, widths)
        self.discriminator = PatchDiscriminator()
        self._studio, self._size, self._seed = studio, size, seed

    def loss(self, step: int, *, adversarial: bool) -> torch.Tensor:
        """Returns the decoder's loss at ``step`` and, where ``adversarial``, the discriminator's too."""
        batch = self.batch(step)
        with torch.autocast(batch.latents.device.type, torch.bfloat16):
            drawn = pixels_of(self.vae, unnormalised(self.vae, batch.latents))
        drawn = drawn.float()
        loss = reconstruction_loss(drawn, batch.pictures)
        if adversarial:
            loss = loss + _ADVERSARIAL * self._generator_loss(drawn)
            loss = loss + self._discriminator_loss(drawn.detach(), batch.pictures)
        return loss

    def batch(self, step: int, *, errors: bool = True) -> DecoderBatch:
        """Returns what step ``step`` trains on; without ``errors`` the latents are the encoder's own."""
        rng = random.Random(f"decoder {self._seed} {step}")
        width, height = rng.choice(BUCKETS)
        scenes = [sample_scene(rng, wide=width >= height) for _ in range(self._size)]
        latents = encode(self._studio.vae, to_pixels([render(scene, width, height) for scene in scenes]))
        large = to_pixels([render(scene, FACTOR * width, FACTOR * height) for scene in scenes])
        if errors:
            generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
            kind = rng.randrange(3)
            if kind == 1:
                latents = with_noise(latents, generator)
            elif kind == 2:
                texts = [caption(scene, rng).text for scene in scenes]
                latents = self._denoised(latents, texts, rng.uniform(*_DENOISED_FROM), generator)
        return DecoderBatch(latents, large)

    @torch.no_grad()
    def _denoised(
        self, latents: torch.Tensor, texts: list[str], level: float, generator: torch.Generator
    ) -> torch.Tensor:
        """Returns what the student makes of the latents in one step from ``level``: its own kind of error."""
        noisy = (1 - level) * latents + level * torch.randn(latents.shape, generator=generator)
        embeddings = embed(self._studio.text_encoder, self._studio.tokenizer, texts, self._studio.text)
        sigma = torch.full((len(latents),), level)
        return noisy - level * velocity(self._studio.transformer, noisy, None, embeddings, sigma)

    def _generator_loss(self, drawn: torch.Tensor) -> torch.Tensor:
        frozen = {name: weight.detach() for name, weight in self.discriminator.named_parameters()}
        return -torch.func.functional_call(self.discriminator, frozen, drawn).mean()

    def _discriminator_loss(self, drawn: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Returns the hinge loss (arXiv:1705.02894)."""
        return (
            functional.relu(1 - self.discriminator(real)).mean()
            + functional.relu(1 + self.discriminator(drawn)).mean()
        )


def with_noise(latents: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Returns the latents with white and smooth errors, up to 0.3 standard deviations for each picture."""
    strength = torch.rand(len(latents), 1, 1, 1, generator=generator) * _MOST_NOISE
    white = torch.randn(latents.shape, generator=generator)
    smooth = 3 * functional.avg_pool2d(functional.pad(white, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return latents + strength * 0.7 * (white + smooth)


def reconstruction_loss(drawn: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Returns L1, squared error and edges between pictures of one shape."""
    across = functional.l1_loss(drawn.diff(dim=3), wanted.diff(dim=3))
    down = functional.l1_loss(drawn.diff(dim=2), wanted.diff(dim=2))
    return functional.l1_loss(drawn, wanted) + functional.mse_loss(drawn, wanted) + _EDGES * (across + down)
