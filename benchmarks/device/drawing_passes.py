"""Pictures of one pass: the least time by their operations, by diffusers as it comes, and by Plantain."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.device.random_model import ModelShape
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.acceleration.attention import fastest_attention
from worker.engines.diffusion.acceleration.compiled_blocks import Compilation
from worker.engines.diffusion.decoding.decoder import decode_latents
from worker.engines.diffusion.speed import measure_products

_FLOATS = {"cuda": "bfloat16", "cpu": "float32"}
_WARM_UPS = 2
_PROMPT = "a red boat on the sea at night"
Draw = Callable[[int, int], object]
"""Draws ``batch`` pictures of ``side`` px in one pass, decoded, on the host."""


@dataclass(frozen=True)
class PassPlan:
    """What is measured: sides in px, pictures in a pass, denoising steps, and runs whose median counts."""

    device: str
    sides: Sequence[int]
    batches: Sequence[int]
    weights: Sequence[str]
    steps: int = 4
    runs: int = 3
    compilation: Compilation = "auto"


def pass_rows(directory: Path, shape: ModelShape, plan: PassPlan) -> Iterator[tuple[str, ...]]:
    """Yields one line for each side, kind of weights and number of pictures."""
    floats = _FLOATS[plan.device]
    rate = measure_products(plan.device, floats)
    eager = _measured(_eager_draw(directory, plan, floats), plan)
    for weights in plan.weights:
        ours = _measured(_our_draw(directory, plan, weights), plan)
        for (side, batch), seconds in ours.items():
            floor = batch * count_operations(shape, side, plan.steps) / rate
            found = eager[side, batch]
            yield (
                f"{side} px, {weights}, {batch} in a pass",
                f"{floor:.3f}",
                *(_cell(each) for each in (found, seconds)),
                "–" if found is None or seconds is None else f"{found / seconds:.2f}",
                "–" if seconds is None else f"{floor / seconds:.0%}",
                "–" if seconds is None else f"{batch / seconds:.2f}",
            )


def count_operations(shape: ModelShape, side: int, steps: int) -> int:
    """Returns the floating-point operations of the denoiser's steps and the decoder, for one picture."""
    tokens = (side // shape.latent_pixels) ** 2
    with torch.device("meta"):
        transformer: Any = Flux2Transformer2DModel(**shape.transformer)
        vae: Any = AutoencoderKLFlux2(**shape.vae)
        inputs = {
            "hidden_states": torch.zeros(1, tokens, transformer.config.in_channels),
            "encoder_hidden_states": torch.zeros(
                1, shape.text_tokens, transformer.config.joint_attention_dim
            ),
            "timestep": torch.zeros(1),
            "img_ids": torch.zeros(1, tokens, 4),
            "txt_ids": torch.zeros(1, shape.text_tokens, 4),
            "guidance": None,
        }
        latents = 2 * side // shape.latent_pixels
        drawn = torch.zeros(1, vae.config.latent_channels, latents, latents)
    with torch.no_grad(), FlopCounterMode(display=False) as denoising:
        transformer(**inputs)
    with torch.no_grad(), FlopCounterMode(display=False) as decoding:
        vae.decode(drawn)
    return steps * denoising.get_total_flops() + decoding.get_total_flops()


def _measured(draw: Draw, plan: PassPlan) -> dict[tuple[int, int], float | None]:
    """Returns the median seconds by side and batch; None where the memory does not suffice."""
    found = {
        (side, batch): _seconds(draw, side, batch, plan) for side in plan.sides for batch in plan.batches
    }
    del draw
    gc.collect()
    if plan.device == "cuda":
        torch.cuda.empty_cache()
    return found


def _seconds(draw: Draw, side: int, batch: int, plan: PassPlan) -> float | None:
    try:
        times = [_time(lambda: draw(side, batch)) for _ in range(_WARM_UPS + plan.runs)]
    except torch.OutOfMemoryError:
        return None
    return median(times[_WARM_UPS:])


def _time(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()  # ends with pictures on the host: the device is done then
    return time.perf_counter() - began


def _eager_draw(directory: Path, plan: PassPlan, dtype: str) -> Draw:
    loaded: Any = DiffusionPipeline.from_pretrained(directory, dtype=getattr(torch, dtype))
    pipeline = loaded.to(plan.device)
    pipeline.set_progress_bar_config(disable=True)
    embeds = pipeline.encode_prompt(_PROMPT, text_encoder_out_layers=_layers(pipeline))[0]

    def draw(side: int, batch: int) -> object:
        return pipeline(**_arguments(embeds, side, batch, plan), output_type="np").images

    return draw


def _our_draw(directory: Path, plan: PassPlan, weights: str) -> Draw:
    engine = DiffusersEngine(
        directory,
        device=plan.device,
        dtype=weights,
        compilation=plan.compilation,
        compiled=directory / "compiled",
    )
    engine.load()
    family: Any = engine._loaded  # pyright: ignore[reportPrivateUsage] - sides beyond the model's own are measured too
    embeds = family.embed(_PROMPT)

    def draw(side: int, batch: int) -> object:
        with torch.no_grad(), fastest_attention(family.device):
            arguments = _arguments(embeds, side, batch, plan)
            latents = family.pipeline(**arguments, output_type="latent")[0]
            unpacked = family.unpack_output(latents, side, side)
            return [decode_latents(family.pipeline.vae, each[None], bit_depth=8) for each in unpacked]

    return draw


def _arguments(embeds: torch.Tensor, side: int, batch: int, plan: PassPlan) -> dict[str, Any]:
    return {
        "prompt_embeds": embeds.repeat(batch, 1, 1),
        "width": side,
        "height": side,
        "num_inference_steps": plan.steps,
        "guidance_scale": 1.0,
        "generator": [torch.Generator("cpu").manual_seed(n) for n in range(batch)],
    }


def _layers(pipeline: Any) -> tuple[int, ...]:
    layers = pipeline.text_encoder.config.num_hidden_layers
    return layers // 4, layers // 2, 3 * layers // 4


def _cell(seconds: float | None) -> str:
    return "no memory" if seconds is None else f"{seconds:.3f}"
