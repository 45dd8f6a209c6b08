"""The export of trained modules as an ordinary diffusers pipeline folder."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import TypeVar

import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

from training.networks.config import TrainingConfig
from training.networks.sampler import Sampler

MAX_SHARD = "14MB"

Module = TypeVar("Module", bound=torch.nn.Module)


def export_pipeline(sampler: Sampler, config: TrainingConfig, folder: Path, revision: str) -> None:
    """Writes ``folder`` in bfloat16, with ``plantain.json``. A reader sees the old or the new folder."""
    part, old = folder.with_name(f"{folder.name}.part"), folder.with_name(f"{folder.name}.old")
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    _build_pipeline(sampler).save_pretrained(part, max_shard_size=MAX_SHARD)
    (part / "plantain.json").write_text(
        json.dumps(_pipeline_facts(sampler, config, revision), indent=2) + "\n"
    )
    for file in part.rglob("*.safetensors"):
        # safetensors writes them for the owner alone; a container's user must read them too.
        file.chmod(0o644)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _build_pipeline(sampler: Sampler) -> Flux2KleinPipeline:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=sampler.sampling.shift, use_dynamic_shifting=False)
    vae = _to_bfloat16(sampler.vae)
    vae.register_to_config(_name_or_path="")  # the run's folder, which concerns this machine only
    return Flux2KleinPipeline(
        scheduler=scheduler,
        vae=vae,
        text_encoder=_to_bfloat16(sampler.text_encoder),
        tokenizer=sampler.tokenizer,
        transformer=_to_bfloat16(sampler.transformer),
        is_distilled=sampler.sampling.guidance <= 1,
    )


def _to_bfloat16(module: Module) -> Module:
    half = copy.deepcopy(module)
    torch.nn.Module.to(half, "cpu", torch.bfloat16)
    return half


def _pipeline_facts(sampler: Sampler, config: TrainingConfig, revision: str) -> dict[str, object]:
    """Returns what the pipeline's own files do not say."""
    areas = [width * height for width, height in config.buckets]
    shrink = 2 ** len(config.autoencoder.encoder_widths)
    return {
        "name": config.name,
        "revision": revision,
        "native_area": max(areas),
        "size_multiple": shrink,
        "max_native_side": max(max(bucket) for bucket in config.buckets),
        "steps": sampler.sampling.steps,
        "guidance": sampler.sampling.guidance,
        "text_encoder_out_layers": list(config.text.out_layers),
        "max_sequence_length": config.text.max_tokens,
        # The weights are stored in bfloat16; a CPU computes faster and more exactly in single precision.
        "dtype": "float32",
        "tasks": ["generate", "edit"],
        "domain": "illustration",
        "writes": False,
        "enlarger": config.enlarger,
        "further_enlarger": config.further_enlarger,
    }
