"""Pipeline folders: how training reads one, and builds networks of the same shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer
from transformers.models.qwen3.modeling_qwen3 import Qwen3ForCausalLM

from .config import SamplingConfig, TextShape
from .sampler import Sampler


def load_sampler(folder: Path) -> Sampler:
    """Reads the modules of a starter's pipeline folder, in float32 and frozen."""
    facts = json.loads((folder / "plantain.json").read_text())
    scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    sampling = SamplingConfig(steps=facts["steps"], guidance=facts["guidance"], shift=scheduler["shift"])
    text = TextShape(
        out_layers=tuple(facts["text_encoder_out_layers"]), max_tokens=facts["max_sequence_length"]
    )
    single = {"torch_dtype": torch.float32}
    modules = (
        AutoencoderKLFlux2.from_pretrained(folder, subfolder="vae", **single),
        Qwen3ForCausalLM.from_pretrained(folder, subfolder="text_encoder", dtype=torch.float32),
        Flux2Transformer2DModel.from_pretrained(folder, subfolder="transformer", **single),
    )
    for module in modules:
        module.eval().requires_grad_(False)
    vae, encoder, transformer = modules
    tokenizer = Qwen2Tokenizer.from_pretrained(folder / "tokenizer")
    return Sampler(vae, encoder, tokenizer, transformer, text, sampling)


def shape_of(module: AutoencoderKLFlux2 | Flux2Transformer2DModel, **changed: Any) -> dict[str, Any]:
    """Returns the arguments that build an untrained module of the same shape, but for what is ``changed``."""
    return {name: value for name, value in module.config.items() if not name.startswith("_")} | changed
