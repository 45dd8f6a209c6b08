"""Detection networks on disk: the shape as JSON, the weights as float16 safetensors."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from functions.contract.errors import ModelUnavailable
from worker.scene_critic.network import DetectionNetwork, DetectorShape

WEIGHTS = Path(__file__).with_name("weights")


def save_detector(network: DetectionNetwork, name: str, weights: Path = WEIGHTS) -> None:
    """Writes the network to the folder ``name`` of ``weights``."""
    folder = weights / name
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: value.detach().to(torch.float16).contiguous() for key, value in network.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)
    shape = vars(network.shape) | {"facts": dict(network.shape.facts), "widths": list(network.shape.widths)}
    (folder / "config.json").write_text(json.dumps({"shape": shape}, indent=2) + "\n")


def load_detector(name: str, weights: Path = WEIGHTS) -> DetectionNetwork:
    """Reads the network in the folder ``name``, on the CPU in float32. Raises ModelUnavailable."""
    folder = weights / name
    if not (folder / "config.json").is_file():
        raise ModelUnavailable(f"There is no critic {name}.")
    network = DetectionNetwork(DetectorShape(**json.loads((folder / "config.json").read_text())["shape"]))
    tensors = load_file(folder / "model.safetensors")
    network.load_state_dict({key: weight.float() for key, weight in tensors.items()})
    return network.eval()
