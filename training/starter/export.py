"""The trained modules as an ordinary diffusers pipeline directory."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import TypeVar

import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

from .config import Config
from .sampler import Studio

MAX_SHARD = "14MB"

Module = TypeVar("Module", bound=torch.nn.Module)


def export(studio: Studio, config: Config, folder: Path, revision: str) -> None:
    """Writes ``folder`` in bfloat16, with ``plantain.json``; a reader sees the old one or the new, whole."""
    part, old = folder.with_name(f"{folder.name}.part"), folder.with_name(f"{folder.name}.old")
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    _pipeline(studio).save_pretrained(part, max_shard_size=MAX_SHARD)
    (part / "plantain.json").write_text(json.dumps(_facts(studio, config, revision), indent=2) + "\n")
    for file in part.rglob("*.safetensors"):
        # safetensors writes them for the owner alone; a container's user must read them too.
        file.chmod(0o644)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _pipeline(studio: Studio) -> Flux2KleinPipeline:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=studio.sampling.shift, use_dynamic_shifting=False)
    vae = _half(studio.vae)
    vae.register_to_config(_name_or_path="")  # the run's folder, which is this machine's own business
    return Flux2KleinPipeline(
        scheduler=scheduler,
        vae=vae,
        text_encoder=_half(studio.text_encoder),
        tokenizer=studio.tokenizer,
        transformer=_half(studio.transformer),
        is_distilled=studio.sampling.guidance <= 1,
    )


def _half(module: Module) -> Module:
    half = copy.deepcopy(module)
    torch.nn.Module.to(half, "cpu", torch.bfloat16)
    return half


def _facts(studio: Studio, config: Config, revision: str) -> dict[str, object]:
    """What a caller of the model cannot guess from its files."""
    areas = [width * height for width, height in config.buckets]
    shrink = 2 ** len(config.autoencoder.encoder_widths)
    return {
        "name": config.name,
        "revision": revision,
        "native_area": max(areas),
        "size_multiple": shrink,
        "max_native_side": max(max(bucket) for bucket in config.buckets),
        "steps": studio.sampling.steps,
        "guidance": studio.sampling.guidance,
        "text_encoder_out_layers": list(config.text.out_layers),
        "max_sequence_length": config.text.max_tokens,
        # The weights are stored in bfloat16; a CPU computes faster and more exactly in single precision.
        "dtype": "float32",
        "tasks": ["generate", "edit"],
        "enlarger": config.enlarger,
    }
