"""The upscaler: a network on tiles that overlap by the network's reach, so that there are no seams."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import nn

from worker.pictures.tiled_enlargement import TILE, Array, enlarge_in_tiles
from worker.upscaler.checkpoint import WEIGHTS, load_network
from worker.upscaler.host_copies import copy_to_host
from worker.upscaler.inference_network import InferenceNetwork, fastest_type
from worker.upscaler.published_architectures import UpscalingNetwork
from worker.upscaler.super_resolution import SuperResolution

_LAYOUT = torch.channels_last  # a fifth faster on a CPU than the usual one


class Upscaler:
    """Enlarges float32 (h, w, 3) in 0–1 ``factor`` times.

    ``body`` is the type in which the inner convolutions of our own networks compute; None is the device's
    fastest type, see ``inference_network``. Published networks compute in float32.
    """

    def __init__(
        self, network: UpscalingNetwork, name: str, device: str = "cpu", body: torch.dtype | None = None
    ) -> None:
        self.name, self.factor = name, network.factor
        if isinstance(network, SuperResolution):
            network = InferenceNetwork(network, body or fastest_type(device))
        cast(nn.Module, network).to(device).eval()
        self._network, self._device = network, device

    @classmethod
    def load(
        cls,
        source: str,
        device: str | None = None,
        weights: Path = WEIGHTS,
        body: torch.dtype | None = None,
    ) -> Upscaler:
        """Loads the network ``source``, a name in ``weights`` or a file; see ``checkpoint.load_network``.

        ``device`` None means CUDA if available, else the CPU. Raises ModelUnavailable.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        return cls(load_network(source, weights), Path(source).stem, device, body)

    def enlarge(self, rgb: np.ndarray, tile: int = TILE) -> np.ndarray:
        """Returns float32 (factor·h, factor·w, 3) in 0–1, the same for every ``tile`` (small pixels)."""
        return enlarge_in_tiles(rgb, tile, self.factor, self._network.reach, self._enlarge_tile)

    @torch.inference_mode()
    def _enlarge_tile(self, piece: Array) -> Array:
        small = torch.from_numpy(piece).permute(2, 0, 1)[None].to(self._device)
        large = self._network(small.contiguous(memory_format=_LAYOUT))[0]
        return copy_to_host(large.permute(1, 2, 0)).numpy()
