"""``python -m benchmarks.passes``: measures which networks, in which order, are worth their time.

Held-out renders are made smaller, as they are or through the starter's autoencoder, as drawn pictures are;
enlarged to what they were by every order of passes; and compared. Photographs are what callers give. Seconds
are those of one processor.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import cast

import cv2
import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2

from benchmarks.figures import table
from benchmarks.machine import describe
from training.scenes.scene_sampling import render_scene, sample_scene
from training.upscaler.dataset import HELD_OUT_PHOTOGRAPHS, downscale_pictures, load_photograph
from worker.upscaler.tiled_upscaler import Upscaler

NETWORKS = {"s": "starter-x4", "4": "illustration-x4", "2": "picture-x2"}
_AUTOENCODER = Path("worker/embedded_model/vae")
_BORDER = 16  # pixels that are not compared
_FOURFOLD = ("4", "22")
_EIGHTFOLD = ("42", "24", "222")

Picture = np.ndarray


@dataclass(frozen=True)
class EnlargementCase:
    """Pictures of ``side`` px, ``factor`` times larger than they come; the orders, keys of ``NETWORKS``."""

    side: int
    factor: int
    pictures: int
    orders: Sequence[str]


QUESTIONS = (
    EnlargementCase(512, 2, 6, ("4", "2")),
    EnlargementCase(1024, 4, 6, _FOURFOLD),
    EnlargementCase(2048, 8, 3, _EIGHTFOLD),
    EnlargementCase(256, 4, 12, ("s", "4", "22")),
    EnlargementCase(512, 8, 12, ("s2", "42", "24", "222")),
    EnlargementCase(1024, 16, 6, ("s4", "44", "s22", "422", "224", "2222")),
    EnlargementCase(2048, 32, 3, ("s42", "s24", "s222")),
)


class PassComparison:
    def __init__(self) -> None:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self._networks = {step: Upscaler.load(name, "cpu") for step, name in NETWORKS.items()}
        self._vae = AutoencoderKLFlux2.from_pretrained(_AUTOENCODER).eval()

    def rows(self, kind: str, truths: Sequence[Picture], question: EnlargementCase) -> list[tuple[str, ...]]:
        """Returns one line of the table for each order."""
        small = [_array(downscale_pictures(_tensor(truth), question.factor, "bicubic")) for truth in truths]
        if kind == "drawn":
            small = [self._drawn(picture) for picture in small]
        job = f"{kind}, {small[0].shape[0]} px to {truths[0].shape[0]}"
        return [
            (job, "·".join(NETWORKS[each] for each in order), *self._worth(order, small, truths))
            for order in question.orders
        ]

    def _worth(self, order: str, small: Sequence[Picture], truths: Sequence[Picture]) -> tuple[str, str]:
        """Returns the mean PSNR in dB and the mean seconds of the processor."""
        found: list[float] = []
        began = time.process_time()
        made = [self._enlarged(picture, order) for picture in small]
        took = (time.process_time() - began) / len(made)
        for picture, truth in zip(made, truths, strict=True):
            found.append(_psnr(cv2.resize(picture, truth.shape[1::-1], interpolation=cv2.INTER_AREA), truth))
        return f"{mean(found):.2f}", f"{took:.2f}"

    def _enlarged(self, picture: Picture, order: str) -> Picture:
        for each in order:
            picture = self._networks[each].enlarge(picture)
        return picture

    @torch.inference_mode()
    def _drawn(self, picture: Picture) -> Picture:
        """Returns the picture after the autoencoder, whose artefacts every drawn picture has."""
        latents = self._vae.encode(_tensor(picture) * 2 - 1, return_dict=False)[0].mode()
        return _array(
            (self._vae.decode(cast(torch.FloatTensor, latents), return_dict=False)[0] / 2 + 0.5).clamp(0, 1)
        )


def held_out_renders(side: int, count: int) -> list[Picture]:
    """Returns held-out scenes, (side, side, 3) in 0–1."""
    rng = random.Random("held-out renders for enlarging")
    scenes = [sample_scene(rng, wide=True, held_out=True) for _ in range(count)]
    return [render_scene(scene, side, side).astype(np.float32) / 255 for scene in scenes]


def held_out_photographs(factor: int) -> list[Picture]:
    """Returns held-out photographs, cut so that the factor divides their sides."""
    whole = [load_photograph(name) for name in HELD_OUT_PHOTOGRAPHS]
    return [each[: each.shape[0] // factor * factor, : each.shape[1] // factor * factor] for each in whole]


def _tensor(picture: Picture) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]


def _array(tensor: torch.Tensor) -> Picture:
    return tensor[0].permute(1, 2, 0).contiguous().numpy()


def _psnr(made: Picture, wanted: Picture) -> float:
    inner = slice(_BORDER, -_BORDER)
    return float(-10 * np.log10(np.mean((made - wanted)[inner, inner] ** 2)))


def main() -> int:
    argparse.ArgumentParser(prog="python -m benchmarks.passes", description=__doc__).parse_args()
    print(describe())
    passes, rows = PassComparison(), list[tuple[str, ...]]()
    for question in QUESTIONS:
        truths = held_out_renders(question.side, question.pictures)
        for kind in ("drawn", "clean"):
            rows += passes.rows(kind, truths, question)
    rows += passes.rows("photograph", held_out_photographs(4), EnlargementCase(0, 4, 0, _FOURFOLD))
    print(table(("from", "passes", "dB", "seconds"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
