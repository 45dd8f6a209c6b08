"""A FLUX.2 klein of random weights: its time is that of real weights, and its pictures are noise."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

from benchmarks.model_costs import NETWORKS
from worker.settings import EMBEDDED_MODEL

TEXT_TOKENS = 512
_QWEN3_4B: dict[str, Any] = {
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
}


@dataclass(frozen=True)
class ModelShape:
    """The configurations of the networks, and the largest picture that the model draws at once, in px²."""

    transformer: dict[str, Any]
    vae: dict[str, Any]
    text_encoder: dict[str, Any]
    native_area: int
    text_tokens: int

    @property
    def latent_pixels(self) -> int:
        """The pixels along a side for each token of the picture: two latents."""
        levels = self.vae.get("block_out_channels", (128, 256, 512, 512))
        return 2 ** len(levels)


FOUR_BILLION = ModelShape(NETWORKS["klein"][1], {}, _QWEN3_4B, 1024 * 1024, TEXT_TOKENS)
"""https://huggingface.co/black-forest-labs/FLUX.2-klein-4B"""

SMALL = ModelShape(
    {
        "in_channels": 16,
        "num_layers": 1,
        "num_single_layers": 2,
        "num_attention_heads": 2,
        "attention_head_dim": 64,
        "joint_attention_dim": 3 * 64,
        "axes_dims_rope": [16, 16, 16, 16],
        "guidance_embeds": False,
    },
    {
        "latent_channels": 4,
        "block_out_channels": [8, 16],
        "down_block_types": ["DownEncoderBlock2D"] * 2,
        "up_block_types": ["UpDecoderBlock2D"] * 2,
        "layers_per_block": 1,
        "norm_num_groups": 4,
    },
    {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 32,
    },
    64 * 64,
    24,
)


def save_random_model(directory: Path, shape: ModelShape, device: str, dtype: torch.dtype) -> Path:
    """Saves a pipeline with its card, made on ``device``; the tokenizer is the embedded model's."""
    torch.manual_seed(0)
    tokenizer: Any = AutoTokenizer.from_pretrained(EMBEDDED_MODEL / "tokenizer")
    with _made_as(device, dtype):
        transformer = Flux2Transformer2DModel(**shape.transformer)
        vae = AutoencoderKLFlux2(**shape.vae)
        words = Qwen3Config(vocab_size=len(tokenizer), tie_word_embeddings=True, **shape.text_encoder)
        text_encoder = Qwen3ForCausalLM(words)
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": vae,
        "text_encoder": text_encoder,
        "tokenizer": tokenizer,
        "transformer": transformer,
    }
    Flux2KleinPipeline(**parts, is_distilled=True).save_pretrained(directory)
    card = {
        "name": "random",
        "revision": "1",
        "native_area": shape.native_area,
        "max_native_side": 2 * int(shape.native_area**0.5),
        "steps": 4,
        "guidance": 1.0,
        "max_sequence_length": shape.text_tokens,
    }
    (directory / "plantain.json").write_text(json.dumps(card))
    return directory


@contextmanager
def _made_as(device: str, dtype: torch.dtype) -> Generator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)
