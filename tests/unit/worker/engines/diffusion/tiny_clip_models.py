"""Tiny checkpoints of the families for clips: the real classes with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_ltx import AutoencoderKLLTXVideo
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.transformers.transformer_ltx import LTXVideoTransformer3DModel
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.pipelines.ltx.pipeline_ltx import LTXPipeline
from diffusers.pipelines.wan.pipeline_wan import WanPipeline
from diffusers.pipelines.wan.pipeline_wan_i2v import WanImageToVideoPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from transformers import UMT5Config, UMT5EncoderModel

from tests.unit.worker.engines.diffusion.tiny_models import t5_encoder, write_card
from tests.unit.worker.engines.diffusion.tiny_tokenizers import t5_tokenizer

Z = 4  # channels of the latents
STATISTICS: dict[str, Any] = {"latents_mean": [0.1, -0.1, 0.2, 0.0], "latents_std": [1.0, 0.5, 2.0, 1.5]}


def save_wan(directory: Path) -> Path:
    """A Wan for prompts alone, as version 2.1's and the large ones of 2.2 are."""
    WanPipeline(**_wan_parts(Z)).save_pretrained(directory)
    return _write_card(directory)


def save_wan_ti2v(directory: Path) -> Path:
    """A Wan for prompts and pictures, as version 2.2's of 5 billion parameters is."""
    newest = {"is_residual": True, "patch_size": 2, "in_channels": 12, "out_channels": 12}
    parts = _wan_parts(Z, newest | {"scale_factor_spatial": 8, "decoder_base_dim": 8})
    WanPipeline(**parts, expand_timesteps=True).save_pretrained(directory)
    return _write_card(directory)


def save_wan_image(directory: Path) -> Path:
    """A Wan that needs a picture, as the large one of version 2.2 is."""
    # The transformer sees the latents, the picture's, and a mask of four frames.
    WanImageToVideoPipeline(**_wan_parts(2 * Z + 4)).save_pretrained(directory)
    return _write_card(directory)


def _wan_parts(seen: int, vae: dict[str, Any] | None = None) -> dict[str, Any]:
    torch.manual_seed(0)
    scale: dict[str, Any] = {"scale_factor_temporal": 4, "scale_factor_spatial": 4}
    return {
        "scheduler": UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
        "vae": AutoencoderKLWan(
            base_dim=8,
            z_dim=Z,
            dim_mult=[1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[True, True],
            **{**scale, **STATISTICS, **(vae or {})},
        ),
        "text_encoder": UMT5EncoderModel(
            UMT5Config(vocab_size=512, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
        ),
        "tokenizer": t5_tokenizer(),
        "transformer": WanTransformer3DModel(
            in_channels=seen,
            out_channels=Z,
            num_attention_heads=2,
            attention_head_dim=12,
            text_dim=16,
            freq_dim=16,
            ffn_dim=16,
            num_layers=1,
            rope_max_seq_len=32,
        ),
    }


def save_ltx(directory: Path, *, timestep_conditioning: bool = False) -> Path:
    torch.manual_seed(0)
    levels: dict[str, Any] = {
        "block_out_channels": (8, 8),
        "down_block_types": ("LTXVideoDownBlock3D",) * 2,
        "decoder_block_out_channels": (8, 8),
        "layers_per_block": (1, 1, 1),
        "decoder_layers_per_block": (1, 1, 1),
        "spatio_temporal_scaling": (True, False),
        "decoder_spatio_temporal_scaling": (True, False),
        "decoder_inject_noise": (False, False, False),
        "downsample_type": ("conv", "conv"),
        "upsample_residual": (False, False),
        "upsample_factor": (1, 1),
        "patch_size": 4,
    }
    vae: Any = AutoencoderKLLTXVideo(latent_channels=8, timestep_conditioning=timestep_conditioning, **levels)
    vae.latents_mean.uniform_(-0.2, 0.2)
    vae.latents_std.uniform_(0.5, 1.5)
    LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=t5_encoder(16),
        tokenizer=t5_tokenizer(),
        transformer=LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            num_layers=1,
            caption_channels=16,
        ),
    ).save_pretrained(directory)
    return _write_card(directory)


def _write_card(directory: Path) -> Path:
    return write_card(directory, native_area=32 * 32, max_native_side=64, steps=2, max_sequence_length=24)
