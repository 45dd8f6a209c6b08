"""Enlarging with a network: tiles that overlap by what the network sees, so that no seam can be."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from worker.upscaler.architectures import Network
from worker.upscaler.checkpoint import WEIGHTS, load

TILE = 256  # pixels of the small picture
_LAYOUT = torch.channels_last  # a fifth faster on a CPU than the usual one


class Upscaler:
    """Enlarges float32 (h, w, 3) in 0–1 ``factor`` times.

    It computes in float32. bfloat16 would take half the time on a CPU that has it, and be wrong by up to a
    whole level of 8 bits: too much for who asks for 16.
    """

    def __init__(self, network: Network, name: str, device: str = "cpu") -> None:
        self.name, self.factor = name, network.factor
        cast(nn.Module, network).to(device, torch.float32).eval()
        self._network, self._device = network, device

    @classmethod
    def load(cls, source: str, device: str | None = None, weights: Path = WEIGHTS) -> Upscaler:
        """The network ``source``, a name in ``weights`` or a file; see ``checkpoint.load``.

        ``device`` None is CUDA where there is one. Raises ModelUnavailable.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        return cls(load(source, weights), Path(source).stem, device)

    def enlarge(self, rgb: np.ndarray, tile: int = TILE) -> np.ndarray:
        """float32 (factor·h, factor·w, 3) in 0–1, the same for every ``tile`` (in small pixels)."""
        height, width = rgb.shape[:2]
        times = self.factor
        out = np.empty((height * times, width * times, 3), np.float32)
        padded = self._padded(rgb)
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                rows, columns = min(tile, height - top), min(tile, width - left)
                out[
                    top * times : (top + rows) * times,
                    left * times : (left + columns) * times,
                ] = self._one(padded, top, left, rows, columns)
        return np.clip(out, 0, 1, out=out)

    def _padded(self, rgb: np.ndarray) -> torch.Tensor:
        """The picture with a margin that repeats its edge, as wide as the network sees."""
        picture = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None]
        return functional.pad(picture, [self._network.reach] * 4, mode="replicate")

    @torch.inference_mode()
    def _one(self, padded: torch.Tensor, top: int, left: int, rows: int, columns: int) -> np.ndarray:
        margin = self._network.reach
        piece = padded[:, :, top : top + rows + 2 * margin, left : left + columns + 2 * margin]
        large = self._network(piece.to(self._device).contiguous(memory_format=_LAYOUT))[0]
        inner = slice(margin * self.factor, -margin * self.factor)
        return large[:, inner, inner].permute(1, 2, 0).cpu().numpy()
