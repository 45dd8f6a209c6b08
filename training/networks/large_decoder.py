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

from training.examples.captions import sample_caption
from training.scenes.scene_sampling import BUCKETS, render_scene, sample_scene

from .autoencoder import encode_pixels, pixels_of, to_pixels, unnormalise_latents
from .sampler import Sampler
from .text_encoder import embed_texts
from .transformer import predict_velocity

FACTOR = 4
"""The factor from the encoder's picture to the decoder's."""
WIDTHS = (16, 32, 64, 128, 192)
"""The decoder's channels, from the picture's size down. It has two levels more than the encoder."""

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
    """Builds an autoencoder with the encoder and the statistics of ``vae``, and an untrained decoder."""
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
        with torch.autocast(batch.latents.device.type, torch.bfloat16):
            drawn = pixels_of(self.vae, unnormalise_latents(self.vae, batch.latents))
        drawn = drawn.float()
        loss = reconstruction_loss(drawn, batch.pictures)
        if adversarial:
            loss = loss + _ADVERSARIAL * self._generator_loss(drawn)
            loss = loss + self._discriminator_loss(drawn.detach(), batch.pictures)
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
            kind = rng.randrange(3)
            if kind == 1:
                latents = with_noise(latents, generator)
            elif kind == 2:
                texts = [sample_caption(scene, rng).text for scene in scenes]
                latents = self._denoised(latents, texts, rng.uniform(*_DENOISED_FROM), generator)
        return DecoderBatch(latents, large)

    @torch.no_grad()
    def _denoised(
        self, latents: torch.Tensor, texts: list[str], level: float, generator: torch.Generator
    ) -> torch.Tensor:
        """Returns the latents with the student's own errors, which it makes in one step from ``level``."""
        noisy = (1 - level) * latents + level * torch.randn(latents.shape, generator=generator)
        embeddings = embed_texts(
            self._sampler.text_encoder, self._sampler.tokenizer, texts, self._sampler.text
        )
        sigma = torch.full((len(latents),), level)
        return noisy - level * predict_velocity(self._sampler.transformer, noisy, None, embeddings, sigma)

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
    """Returns the L1, squared and edge errors between pictures of one shape."""
    across = functional.l1_loss(drawn.diff(dim=3), wanted.diff(dim=3))
    down = functional.l1_loss(drawn.diff(dim=2), wanted.diff(dim=2))
    return functional.l1_loss(drawn, wanted) + functional.mse_loss(drawn, wanted) + _EDGES * (across + down)
