"""``python -m benchmarks.model_costs [NAME ...]``: parameters and operations of known models' networks.

The networks are built at their real sizes on torch's meta device, which has shapes and no memory. torch
counts the operations of one pass of the denoiser and of the decoder for a picture of 1024 x 1024, or for a
clip of the size below. The table ``worker/known_models/known_models.toml`` has these numbers; for a prompt it
has two operations for each parameter of the text encoder and each token.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import diffusers
import torch
from torch.utils.flop_counter import FlopCounterMode

_TERA, _GIGA = 10**12, 10**9
_SIDE = 1024  # px

Inputs = Callable[[Any], dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_costs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a network; all without one")
    names: list[str] = parser.parse_args().names
    if unknown := set(names) - NETWORKS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(NETWORKS)}")
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


def _qwen(config: Any, images: int = 1) -> dict[str, Any]:
    return {
        "hidden_states": _meta(1, 4096 * images, config.in_channels),
        "encoder_hidden_states": _meta(1, 256, config.joint_attention_dim),
        "encoder_hidden_states_mask": torch.ones(1, 256, device="meta"),
        "timestep": _meta(1),
        "img_shapes": [[(1, 64, 64)] * images],
    }


def _qwen_edit(config: Any) -> dict[str, Any]:
    return _qwen(config, images=2)


def _z_image(config: Any) -> dict[str, Any]:
    text = [_meta(256, config.cap_feat_dim)]
    return {"x": [_meta(config.in_channels, 1, 128, 128)], "t": _meta(1), "cap_feats": text}


def _sana(config: Any) -> dict[str, Any]:
    guidance = {"guidance": _meta(1)} if config.guidance_embeds else {}
    return guidance | {
        "hidden_states": _meta(1, config.in_channels, 32, 32),
        "encoder_hidden_states": _meta(1, 300, config.caption_channels),
        "encoder_attention_mask": _meta(1, 300),
        "timestep": _meta(1),
    }


def _sd3(config: Any) -> dict[str, Any]:
    return {
        "hidden_states": _meta(1, config.in_channels, 128, 128),
        "encoder_hidden_states": _meta(1, 77 + 256, config.joint_attention_dim),
        "pooled_projections": _meta(1, config.pooled_projection_dim),
        "timestep": _meta(1),
    }


def _frame(_config: Any) -> dict[str, Any]:
    return {"z": _meta(1, 16, 1, 128, 128)}


def _wan(tokens: tuple[int, int, int]) -> Inputs:
    """Returns the inputs for a clip whose latents are ``tokens`` (frames, down, across)."""
    return lambda config: {
        "hidden_states": _meta(1, config.in_channels, *tokens),
        "encoder_hidden_states": _meta(1, 512, config.text_dim),
        "timestep": _meta(1),
    }


def _ltx(frames: int, down: int, across: int) -> Inputs:
    return lambda config: {
        "hidden_states": _meta(1, frames * down * across, config.in_channels),
        "encoder_hidden_states": _meta(1, 128, config.caption_channels),
        "encoder_attention_mask": torch.ones(1, 128, device="meta"),
        "timestep": _meta(1),
        "num_frames": frames,
        "height": down,
        "width": across,
    }


def _clip(*shape: int) -> Inputs:
    return lambda _config: {"z": _meta(1, *shape)}


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
_SANA_SPRINT: dict[str, Any] = {"guidance_embeds": True, "qk_norm": "rms_norm_across_heads"}
_SANA_SMALL: dict[str, Any] = {
    "num_layers": 28,
    "num_attention_heads": 36,
    "num_cross_attention_heads": 16,
    "cross_attention_head_dim": 72,
    "cross_attention_dim": 1152,
}
_SD3: dict[str, Any] = {
    "sample_size": 128,
    "in_channels": 16,
    "joint_attention_dim": 4096,
    "pooled_projection_dim": 2048,
    "qk_norm": "rms_norm",
}
_SD3_LARGE: dict[str, Any] = _SD3 | {
    "num_layers": 38,
    "num_attention_heads": 38,
    "caption_projection_dim": 2432,
    "pos_embed_max_size": 192,
}
_SD3_MEDIUM: dict[str, Any] = _SD3 | {
    "num_layers": 24,
    "num_attention_heads": 24,
    "caption_projection_dim": 1536,
    "pos_embed_max_size": 384,
    "dual_attention_layers": tuple(range(13)),
}
_DC_AE_LEVELS: dict[str, Any] = {
    "block_types": ["ResBlock"] * 3 + ["EfficientViTBlock"] * 3,
    "block_out_channels": (128, 256, 512, 512, 1024, 1024),
    "qkv_multiscales": ((), (), (), (5,), (5,), (5,)),
}
_DC_AE: dict[str, Any] = {
    **{f"{half}_{name}": value for half in ("encoder", "decoder") for name, value in _DC_AE_LEVELS.items()},
    "encoder_layers_per_block": (2, 2, 2, 3, 3, 3),
    "decoder_layers_per_block": (3,) * 6,
    "latent_channels": 32,
    "upsample_block_type": "interpolate",
    "decoder_norm_types": "rms_norm",
    "decoder_act_fns": "silu",
}

_WAN_5B: dict[str, Any] = {
    "num_attention_heads": 24,
    "in_channels": 48,
    "out_channels": 48,
    "ffn_dim": 14336,
    "num_layers": 30,
}
_WAN_22_VAE: dict[str, Any] = {
    "base_dim": 160,
    "decoder_base_dim": 256,
    "z_dim": 48,
    "is_residual": True,
    "patch_size": 2,
    "in_channels": 12,
    "out_channels": 12,
    "scale_factor_spatial": 16,
    "latents_mean": [0.0] * 48,
    "latents_std": [1.0] * 48,
}

NETWORKS: dict[str, tuple[str, dict[str, Any], Inputs]] = {
    "klein": ("Flux2Transformer2DModel", _KLEIN, _flux2),
    "klein-9b": ("Flux2Transformer2DModel", _KLEIN_9B, _flux2),
    "flux1-schnell": ("FluxTransformer2DModel", {}, _schnell),
    "flux1-dev": ("FluxTransformer2DModel", {"guidance_embeds": True}, _flux1),
    "sdxl": ("UNet2DConditionModel", _SDXL_UNET, _sdxl),
    "sana-sprint-0.6b": ("SanaTransformer2DModel", _SANA_SPRINT | _SANA_SMALL, _sana),
    "sana-sprint-1.6b": ("SanaTransformer2DModel", _SANA_SPRINT, _sana),
    "sana-1.5-1.6b": ("SanaTransformer2DModel", {"qk_norm": "rms_norm_across_heads"}, _sana),
    "qwen-image": ("QwenImageTransformer2DModel", {}, _qwen),
    "qwen-image-edit": ("QwenImageTransformer2DModel", {}, _qwen_edit),
    "z-image-turbo": ("ZImageTransformer2DModel", {}, _z_image),
    "sd35-medium": ("SD3Transformer2DModel", _SD3_MEDIUM, _sd3),
    "sd35-large": ("SD3Transformer2DModel", _SD3_LARGE, _sd3),
    "flux2-dev": ("Flux2Transformer2DModel", {}, _flux2),
    # Clips: 121 frames of 1280 x 704, 81 of 832 x 480, 121 of 704 x 512 pixels.
    "wan": ("WanTransformer3DModel", _WAN_5B, _wan((31, 44, 80))),
    "wan-image": ("WanTransformer3DModel", {"in_channels": 36}, _wan((21, 60, 104))),
    "ltx-video": ("LTXVideoTransformer3DModel", {}, _ltx(16, 16, 22)),
    "vae-wan": ("AutoencoderKLWan", _WAN_22_VAE, _clip(48, 31, 44, 80)),
    "vae-wan-image": ("AutoencoderKLWan", {}, _clip(16, 21, 60, 104)),
    "vae-ltx-video": ("AutoencoderKLLTXVideo", {}, _clip(128, 16, 16, 22)),
    "vae-sana": ("AutoencoderDC", _DC_AE, _latents(32, 32)),
    "vae-qwen-image": ("AutoencoderKLQwenImage", {}, _frame),
    "vae-sdxl": ("AutoencoderKL", _KL, _latents(4)),
    "vae-flux1": ("AutoencoderKL", _KL | {"latent_channels": 16}, _latents(16)),
    "vae-flux2": ("AutoencoderKLFlux2", {}, _latents(32)),
}

if __name__ == "__main__":
    main()
