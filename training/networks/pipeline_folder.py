"""Pipeline folders: how training reads one, and replaces its autoencoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

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


def save_vae(vae: AutoencoderKLFlux2, folder: Path) -> None:
    """Replaces the autoencoder of a pipeline folder, in bfloat16. A reader sees the old or the new one."""
    part, old, new = (folder / name for name in ("vae.part", "vae.old", "vae"))
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    vae.register_to_config(_name_or_path="")  # the folder that it was read from concerns this machine only
    torch.nn.Module.to(vae, torch.bfloat16)
    vae.save_pretrained(part)
    for file in part.rglob("*.safetensors"):
        file.chmod(0o644)  # safetensors writes for the owner alone; a container's user must read it too
    if new.exists():
        new.rename(old)
    part.rename(new)
    shutil.rmtree(old, ignore_errors=True)
