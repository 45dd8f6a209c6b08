"""``python -m benchmarks.decoding``: what decoding switches gain on a CPU, and what they change.

Drawings of the embedded model are previewed by the linear map and by the decoder on shrunk latents; held-out
renders are decoded in 32-bit floats, in bfloat16, with kernels in another layout, and in tiles. Small
autoencoders with random weights show that each kind of latents is fitted, not how good previews are. Times
are of one processor. The memory is the peak of a process of its own, less what it had before.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from statistics import mean, median
from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.autoencoders.autoencoder_kl_qwenimage import AutoencoderKLQwenImage

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.passes import held_out_renders
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.acceleration.accelerate import lay_out_channels_last
from worker.engines.diffusion.decoding.decoder import (
    decode_for_pixels,
    decode_latents,
    latent_side,
    to_picture,
)
from worker.engines.diffusion.decoding.linear_preview import LinearPreview, encode_pictures
from worker.engines.diffusion.decoding.tiles import decode_in_tiles
from worker.engines.diffusion.images import picture_tensor
from worker.engines.framing import resize_picture
from worker.engines.protocol import Brief, Picture
from worker.settings import EMBEDDED_MODEL

PROMPTS = (
    "a red boat on the sea at night",
    "a yellow car in the city by day",
    "a white rocket in the desert",
    "two pink houses in the snow",
)
_RUNS = 3
_SIDE, _SMALL_SIDE = 256, 128  # px of the renders that are decoded, and of those for small autoencoders

Decode = Callable[[], Picture]


def main() -> int:
    argparse.ArgumentParser(prog="python -m benchmarks.decoding", description=__doc__).parse_args()
    torch.set_num_threads(1)
    print(describe())
    print(table(("previews", "dB to the decoder's, mean (least)", "ms", "ms of the decoder"), preview_rows()))
    print()
    print(table(("decoding, 256 px", "ms", "PSNR", "8-bit levels that differ", "largest"), decoding_rows()))
    print()
    print(table(("decoding, 512 px", "peak memory", "PSNR", "largest, of 255"), tile_rows()))
    return 0


def preview_rows() -> list[tuple[str, ...]]:
    engine = DiffusersEngine(EMBEDDED_MODEL, device="cpu")
    engine.load()
    vae = _embedded_vae()
    rows = [_preview_row("the starter, its drawings", vae, _predicted_latents(engine))]
    for name, small in _small_autoencoders().items():
        seen = [_encode(small, render) for render in held_out_renders(_SMALL_SIDE, 3)]
        rows.append(_preview_row(f"{name}, random weights", small, seen))
    return rows


def _predicted_latents(engine: DiffusersEngine) -> list[torch.Tensor]:
    """Returns the latents of all previews of a few drawings."""
    found: list[torch.Tensor] = []

    class Kept:
        def draw(self, latents: torch.Tensor) -> Picture:
            found.append(latents.clone())
            return np.zeros((1, 1, 3), np.float32)

    engine.__dict__["_linear_preview"] = Kept()

    def look(_step: int, _of: int, preview: Callable[[], Picture] | None) -> None:
        if preview is not None:
            preview()

    for seed, prompt in enumerate(PROMPTS):
        engine.diffuse(engine.encode(Brief(prompt=prompt, width=512, height=512)), seed, look)
    return found


def _preview_row(name: str, vae: Any, latents: Sequence[torch.Tensor]) -> tuple[str, ...]:
    linear = LinearPreview.fit(vae)
    exact = [decode_latents(vae, each) for each in latents]
    shown = [linear.draw(each) for each in latents]
    found = [
        _psnr(one, resize_picture(other, *one.shape[1::-1])) for one, other in zip(shown, exact, strict=True)
    ]
    quick, slow = (
        _milliseconds(lambda: linear.draw(latents[0])),
        _milliseconds(lambda: decode_latents(vae, latents[0])),
    )
    return name, f"{mean(found):.1f} ({min(found):.1f})", f"{quick:.2f}", f"{slow:.1f}"


def decoding_rows() -> list[tuple[str, ...]]:
    vae = _embedded_vae()
    narrow, laid_out = torch.nn.Module.to(deepcopy(vae), torch.bfloat16), deepcopy(vae)
    lay_out_channels_last(laid_out)
    laid_narrow = deepcopy(narrow)
    lay_out_channels_last(laid_narrow)
    latents = [_encode(vae, render) for render in held_out_renders(_SIDE, 3)]
    exact = [decode_latents(vae, each) for each in latents]
    kinds: dict[str, tuple[Any, int]] = {
        "32-bit floats": (vae, 16),
        "32-bit floats, channels last": (laid_out, 16),
        "bfloat16": (narrow, 8),
        "bfloat16, channels last": (laid_narrow, 8),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(_RUNS):  # in turns, because other programs may run
        for name, (network, depth) in kinds.items():
            times[name].append(_seconds(lambda n=network, d=depth: decode_latents(n, latents[0], d)))
    return [
        (
            name,
            f"{1000 * median(times[name]):.0f}",
            *_differences([decode_latents(*pair) for pair in made], exact),
        )
        for name, (network, depth) in kinds.items()
        for made in [[(network, each, depth) for each in latents]]
    ]


def tile_rows() -> list[tuple[str, ...]]:
    found = [_in_a_process(side) for side in (None, 256, 128)]
    exact = found[0][1]
    return [
        (
            "whole" if side is None else f"tiles of {side} px",
            f"{peak / 2**20:.0f} MiB",
            "–" if side is None else f"{_psnr(picture, exact):.1f} dB",
            f"{255 * np.abs(picture - exact).max():.1f}",
        )
        for side, (peak, picture) in zip((None, 256, 128), found, strict=True)
    ]


def _in_a_process(side: int | None) -> tuple[int, Picture]:
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return pool.apply(_decode_apart, (side,))


@torch.no_grad()
def _decode_apart(side: int | None) -> tuple[int, Picture]:
    """Returns the bytes at the peak, and a picture of 512 px, decoded whole or in tiles of ``side`` px."""
    torch.set_num_threads(1)
    vae = _embedded_vae()
    row = torch.cat([_encode(vae, render) for render in held_out_renders(_SIDE, 2)], 3)
    latents = torch.cat([row, row.flip(3)], 2)
    tile = max(latents.shape) if side is None else side // latent_side(vae)
    decode_latents(vae, latents[..., :16, :16])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    picture = to_picture(decode_in_tiles(lambda piece: decode_for_pixels(vae, piece)[0], latents, tile))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, picture


def _embedded_vae() -> Any:
    return AutoencoderKLFlux2.from_pretrained(EMBEDDED_MODEL / "vae").eval()


def _small_autoencoders() -> dict[str, Any]:
    torch.manual_seed(0)
    levels: dict[str, Any] = {
        "block_out_channels": (16, 16, 16, 16),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "layers_per_block": 1,
        "norm_num_groups": 4,
    }
    return {
        "FLUX.2's kind, 32 channels": AutoencoderKLFlux2(latent_channels=32, **levels).eval(),
        "Qwen-Image's kind, 16 channels": AutoencoderKLQwenImage(
            base_dim=16, z_dim=16, num_res_blocks=1
        ).eval(),
    }


@torch.no_grad()
def _encode(vae: Any, render: Picture) -> torch.Tensor:
    return encode_pictures(vae, picture_tensor(render) * 2 - 1)


def _differences(made: Sequence[Picture], exact: Sequence[Picture]) -> tuple[str, str, str]:
    pairs = list(zip(made, exact, strict=True))
    levels = [np.abs(np.rint(255 * one) - np.rint(255 * other)) for one, other in pairs]
    if not any(np.abs(one - other).max() for one, other in pairs):
        return "–", "0 %", "0"
    psnr = mean(_psnr(one, other) for one, other in pairs)
    share = mean(float((each > 0).mean()) for each in levels)
    return f"{psnr:.1f} dB", f"{share:.1%}", f"{max(each.max() for each in levels):.0f}"


def _psnr(one: Picture, other: Picture) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


def _milliseconds(task: Decode) -> float:
    return 1000 * median(_seconds(task) for _ in range(_RUNS))


def _seconds(task: Decode) -> float:
    began = time.process_time()
    task()
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
