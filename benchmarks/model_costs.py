"""``python -m benchmarks.model_costs [NAME ...]``: parameters and operations of known models' networks.

The networks are built at their real sizes on torch's meta device, which has shapes and no memory. torch
counts the operations of one pass of the denoiser and of the decoder for a picture of 1024 x 1024. The table
``worker/known_models/known_models.toml`` has these numbers; for a prompt it has two operations for each
parameter of the text encoder and each token.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import diffusers
import torch
from torch.utils.flop_counter import FlopCounterMode

_TERA, _GIGA = 10**12, 10**9
_SIDE = 1024  # px

Inputs = Callable[[Any], dict[str, Any]]


def main(names: list[str]) -> None:
    print(f"torch {torch.__version__}, diffusers {diffusers.__version__}, {_SIDE} x {_SIDE} px")
    print(f"{'network':<24} {'10^9 parameters':>16} {'10^12 operations':>17}")
    for name, (network, config, inputs) in NETWORKS.items():
        if not names or name in names:
            parameters, operations = measure_network(network, config, inputs)
            print(f"{name:<24} {parameters:>16.3f} {operations:>17.2f}", flush=True)


def measure_network(network: str, config: dict[str, Any], inputs: Inputs) -> tuple[float, float]:
    """Returns 10⁹ parameters of a diffusers class, and 10¹² operations of one pass."""
    with torch.device("meta"):
        model: Any = getattr(diffusers, network)(**config).eval()
    given = inputs(model.config)
    run = model.decode if "z" in given else model
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        run(**given)
    return sum(each.numel() for each in model.parameters()) / _GIGA, counter.get_total_flops() / _TERA


def _meta(*shape: int) -> torch.Tensor:
    return torch.zeros(*shape, device="meta")


def _flux2(config: Any, image_tokens: int = 4096) -> dict[str, Any]:
    return {
        "hidden_states": _meta(1, image_tokens, config.in_channels),
        "encoder_hidden_states": _meta(1, 512, config.joint_attention_dim),
        "timestep": _meta(1),
        "img_ids": _meta(1, image_tokens, 4),
        "txt_ids": _meta(1, 512, 4),
        "guidance": _meta(1) if config.guidance_embeds else None,
    }


def _flux1(config: Any, text_tokens: int = 512) -> dict[str, Any]:
    return {
        "hidden_states": _meta(1, 4096, config.in_channels),
        "encoder_hidden_states": _meta(1, text_tokens, config.joint_attention_dim),
        "pooled_projections": _meta(1, config.pooled_projection_dim),
        "timestep": _meta(1),
        "img_ids": _meta(4096, 3),
        "txt_ids": _meta(text_tokens, 3),
        "guidance": _meta(1) if config.guidance_embeds else None,
    }


def _schnell(config: Any) -> dict[str, Any]:
    return _flux1(config, text_tokens=256)


def _sdxl(config: Any) -> dict[str, Any]:
    return {
        "sample": _meta(1, 4, 128, 128),
        "timestep": _meta(1),
        "encoder_hidden_states": _meta(1, 77, config.cross_attention_dim),
        "added_cond_kwargs": {"text_embeds": _meta(1, 1280), "time_ids": _meta(1, 6)},
    }


def _latents(channels: int, side: int = 128) -> Inputs:
    return lambda _config: {"z": _meta(1, channels, side, side)}


_KL: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
}
_SDXL_UNET: dict[str, Any] = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "transformer_layers_per_block": (1, 2, 10),
    "projection_class_embeddings_input_dim": 2816,
    "cross_attention_dim": 2048,
}
_KLEIN: dict[str, Any] = {
    "num_layers": 5,
    "num_single_layers": 20,
    "num_attention_heads": 24,
    "joint_attention_dim": 7680,
    "guidance_embeds": False,
}
_KLEIN_9B: dict[str, Any] = _KLEIN | {
    "num_layers": 8,
    "num_single_layers": 24,
    "num_attention_heads": 32,
    "joint_attention_dim": 12288,
}

NETWORKS: dict[str, tuple[str, dict[str, Any], Inputs]] = {
    "klein": ("Flux2Transformer2DModel", _KLEIN, _flux2),
    "klein-9b": ("Flux2Transformer2DModel", _KLEIN_9B, _flux2),
    "flux1-schnell": ("FluxTransformer2DModel", {}, _schnell),
    "flux1-dev": ("FluxTransformer2DModel", {"guidance_embeds": True}, _flux1),
    "sdxl": ("UNet2DConditionModel", _SDXL_UNET, _sdxl),
    "vae-sdxl": ("AutoencoderKL", _KL, _latents(4)),
    "vae-flux1": ("AutoencoderKL", _KL | {"latent_channels": 16}, _latents(16)),
    "vae-flux2": ("AutoencoderKLFlux2", {}, _latents(32)),
}

if __name__ == "__main__":
    main(sys.argv[1:])
