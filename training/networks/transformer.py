"""The transformer: a rectified flow from noise to latents, sampled as Flux2's pipelines do."""

from __future__ import annotations

import contextlib

import torch
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from torch.nn.attention import SDPBackend, sdpa_kernel

from .config import TextShape, TransformerShape
from .mixed_precision import autocast

REFERENCE_TIME = 10
"""The position of a reference picture's tokens on the time axis; the drawn picture is at 0."""


def build_transformer(
    shape: TransformerShape, text: TextShape, latent_channels: int
) -> Flux2Transformer2DModel:
    """Builds an untrained transformer for 2 × 2 patches of latents, without guidance embedding."""
    transformer = Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4 * latent_channels,
        num_layers=shape.double_blocks,
        num_single_layers=shape.single_blocks,
        attention_head_dim=sum(shape.rope_axes),
        num_attention_heads=shape.heads,
        joint_attention_dim=text.width * len(text.out_layers),
        axes_dims_rope=shape.rope_axes,
        guidance_embeds=False,
    )
    _initialise_as_identity(transformer)
    return transformer


def fuse_blocks(transformer: Flux2Transformer2DModel) -> None:
    """Compiles every block once for any number of tokens, on a GPU; elsewhere it would not pay off."""
    if transformer.device.type != "cuda":
        return
    for block in (*transformer.transformer_blocks, *transformer.single_transformer_blocks):
        # Only the forward is compiled, not the module, so that a block's hooks are still called.
        block.forward = torch.compile(block.forward, dynamic=True)


@torch.no_grad()
def _initialise_as_identity(transformer: Flux2Transformer2DModel) -> None:
    """Initialises every block as the identity and the output as 0 (adaLN-Zero, arXiv:2212.09748)."""
    for modulation in (
        transformer.double_stream_modulation_img,
        transformer.double_stream_modulation_txt,
        transformer.single_stream_modulation,
        transformer.norm_out,
    ):
        modulation.linear.weight.zero_()
    transformer.proj_out.weight.zero_()


def noise_levels(count: int, shift: float, generator: torch.Generator) -> torch.Tensor:
    """Samples sigmas, (count,), from 0 (picture) to 1 (noise): logit-normal, shifted as in sampling."""
    # One per stratum rather than independent: a batch then covers all levels, and its loss is steadier.
    device = generator.device
    order = torch.randperm(count, generator=generator, device=device)
    uniform = (order + torch.rand(count, generator=generator, device=device)) / count
    sigma = torch.sigmoid(torch.special.ndtri(uniform.clamp(1e-4, 1 - 1e-4)))
    return shift * sigma / (1 + (shift - 1) * sigma)


def flow_loss(
    transformer: Flux2Transformer2DModel,
    latents: torch.Tensor,
    references: torch.Tensor | None,
    embeddings: torch.Tensor,
    shift: float,
    generator: torch.Generator,
    weights: torch.Tensor,
) -> torch.Tensor:
    """Returns the squared error of the predicted velocity, noise minus picture (arXiv:2209.03003).

    Args:
        latents: (batch, channels, height, width), normalised.
        references: pictures before an edit, of the same shape, or None.
        embeddings: (batch, tokens, text channels).
        weights: the channels' weights, (1, channels, 1, 1): ``measure_channel_weights``.
    """
    sigma = noise_levels(len(latents), shift, generator).to(latents.device)
    noise = torch.randn(latents.shape, generator=generator, device=generator.device).to(latents.device)
    level = sigma.view(-1, 1, 1, 1)
    noisy = (1 - level) * latents + level * noise
    return velocity_loss(transformer, noisy, references, embeddings, sigma, noise - latents, weights)


def velocity_loss(
    transformer: Flux2Transformer2DModel,
    noisy: torch.Tensor,
    references: torch.Tensor | None,
    embeddings: torch.Tensor,
    sigma: torch.Tensor,
    wanted: torch.Tensor,
    weights: torch.Tensor,
) -> torch.Tensor:
    """Returns the squared error of the velocity predicted for ``noisy``; each channel has its weight."""
    # On a CPU the fused attention's backward pass is three times as slow as plain matrix products.
    plain = sdpa_kernel(SDPBackend.MATH) if noisy.device.type == "cpu" else contextlib.nullcontext()
    with plain, autocast(noisy.device):
        predicted = predict_velocity(transformer, noisy, references, embeddings, sigma)
    return (weights * (predicted.float() - wanted) ** 2).mean()


def predict_velocity(
    transformer: Flux2Transformer2DModel,
    noisy: torch.Tensor,
    references: torch.Tensor | None,
    embeddings: torch.Tensor,
    sigma: torch.Tensor,
) -> torch.Tensor:
    """Predicts the velocity, shaped as ``noisy``. Tokens and positions are as in Flux2KleinPipeline."""
    _, _, height, width = noisy.shape
    tokens, places = _pack_tokens(noisy), _token_positions(0, height, width)
    if references is not None:
        tokens = torch.cat([tokens, _pack_tokens(references)], dim=1)
        places = torch.cat([places, _token_positions(REFERENCE_TIME, *references.shape[2:])])
    output = transformer(
        hidden_states=tokens,
        encoder_hidden_states=embeddings,
        timestep=sigma,
        img_ids=places.to(noisy.device),
        txt_ids=_text_positions(embeddings.shape[1]).to(noisy.device),
        return_dict=False,
    )[0]
    picture = output[:, : height * width]
    return picture.transpose(1, 2).reshape(len(noisy), -1, height, width)


def _pack_tokens(latents: torch.Tensor) -> torch.Tensor:
    return latents.flatten(2).transpose(1, 2)


def _token_positions(time: int, height: int, width: int) -> torch.Tensor:
    axes = (torch.tensor([time]), torch.arange(height), torch.arange(width), torch.arange(1))
    return torch.cartesian_prod(*axes)


def _text_positions(tokens: int) -> torch.Tensor:
    zero = torch.arange(1)
    return torch.cartesian_prod(zero, zero, zero, torch.arange(tokens))
