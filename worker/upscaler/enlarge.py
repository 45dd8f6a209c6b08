"""Enlarging with the network: tiles that overlap by what the network sees, so that no seam can be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from functions.contract.errors import ModelUnavailable
from worker.upscaler.network import FACTOR, Shape, SuperResolution

WEIGHTS = Path(__file__).with_name("weights")
TILE = 256  # pixels of the small picture


class Upscaler:
    """Enlarges float32 (h, w, 3) in 0–1 four times."""

    factor = FACTOR

    def __init__(self, network: SuperResolution, name: str, device: str = "cpu") -> None:
        self.name = name
        self._network = network.to(device).eval()
        self._device = device

    @classmethod
    def load(cls, name: str, device: str | None = None, weights: Path = WEIGHTS) -> Upscaler:
        """The network in the folder ``name``: its ``config.json`` and ``model.safetensors``.

        ``device`` None is CUDA where there is one. Raises ModelUnavailable.
        """
        folder = weights / name
        if not (folder / "config.json").is_file():
            raise ModelUnavailable(f"There is no super-resolution network {name!r}.")
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        config = json.loads((folder / "config.json").read_text())
        network = SuperResolution(Shape(**config["shape"]))
        tensors = load_file(folder / "model.safetensors")
        network.load_state_dict({name: weight.float() for name, weight in tensors.items()})
        return cls(network, name, device)

    def enlarge(self, rgb: np.ndarray, tile: int = TILE) -> np.ndarray:
        """float32 (4h, 4w, 3) in 0–1, the same for every ``tile`` (in pixels of the small picture)."""
        height, width = rgb.shape[:2]
        out = np.empty((height * FACTOR, width * FACTOR, 3), np.float32)
        padded = self._padded(rgb)
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                rows, columns = min(tile, height - top), min(tile, width - left)
                out[
                    top * FACTOR : (top + rows) * FACTOR,
                    left * FACTOR : (left + columns) * FACTOR,
                ] = self._one(padded, top, left, rows, columns)
        return np.clip(out, 0, 1, out=out)

    def _padded(self, rgb: np.ndarray) -> torch.Tensor:
        """The picture with a margin that repeats its edge, as wide as the network sees."""
        picture = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None]
        return functional.pad(picture, [self._network.shape.reach] * 4, mode="replicate")

    @torch.inference_mode()
    def _one(self, padded: torch.Tensor, top: int, left: int, rows: int, columns: int) -> np.ndarray:
        margin = self._network.shape.reach
        piece = padded[:, :, top : top + rows + 2 * margin, left : left + columns + 2 * margin]
        large = self._network(piece.to(self._device))[0]
        inner = slice(margin * FACTOR, -margin * FACTOR)
        return large[:, inner, inner].permute(1, 2, 0).float().cpu().numpy()


def save(network: SuperResolution, name: str, weights: Path = WEIGHTS) -> None:
    folder = weights / name
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: value.detach().to(torch.bfloat16).contiguous() for key, value in network.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors")
    config = {"factor": FACTOR, "shape": vars(network.shape)}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
