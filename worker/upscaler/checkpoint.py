"""Networks on disk: ours in a folder of ``config.json`` and safetensors, published ones in their own file."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from functions.contract.errors import ModelUnavailable
from worker.upscaler.published_architectures import Compact, ResidualDense, Tensors, UpscalingNetwork
from worker.upscaler.super_resolution import SuperResolution, SuperResolutionShape

WEIGHTS = Path(__file__).with_name("weights")
_WRAPPERS = ("params_ema", "params", "state_dict")  # the keys under which other projects store their weights


def load_network(source: str, weights: Path = WEIGHTS) -> UpscalingNetwork:
    """Loads a network by its name in ``weights``, or from a ``.safetensors`` or ``.pth`` file.

    Raises ModelUnavailable if it does not exist, or has an unknown architecture.
    """
    folder = weights / source
    if (folder / "config.json").is_file():
        return _load_own(folder)
    if Path(source).is_file():
        return _load_published(Path(source))
    raise ModelUnavailable(f"There is no super-resolution network {source}.")


def save_network(network: SuperResolution, name: str, weights: Path = WEIGHTS) -> None:
    """Saves our own network as ``name`` in ``weights``, in bfloat16."""
    folder = weights / name
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: value.detach().to(torch.bfloat16).contiguous() for key, value in network.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)
    (folder / "config.json").write_text(json.dumps({"shape": vars(network.shape)}, indent=2) + "\n")


def _load_own(folder: Path) -> UpscalingNetwork:
    config = json.loads((folder / "config.json").read_text())
    network = SuperResolution(SuperResolutionShape(**config["shape"]))
    _fill_weights(network, load_file(folder / "model.safetensors"), folder.name)
    return network


def _load_published(file: Path) -> UpscalingNetwork:
    tensors = _read_tensors(file)
    network = _untrained_like(tensors)
    if network is None:
        raise ModelUnavailable(f"{file.name} is no super-resolution network of an architecture known here.")
    if network.factor < 2:
        raise ModelUnavailable(f"{file.name} enlarges nothing: it mends pictures at the size they have.")
    _fill_weights(network, tensors, file.name)
    return network


def _untrained_like(tensors: Tensors) -> Compact | ResidualDense | None:
    """Returns an untrained network of the architecture that the weights' names show, or None."""
    for mark, like in (
        ("body.1.weight", Compact.from_tensors),
        ("conv_first.weight", ResidualDense.from_tensors),
    ):
        if mark in tensors:
            try:
                return like(tensors)
            except (KeyError, ValueError, IndexError, ZeroDivisionError):
                return None
    return None


def _read_tensors(file: Path) -> Tensors:
    """Reads a file's weights; never runs code in a ``.pth``. Raises ModelUnavailable."""
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        found = torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError):
        raise ModelUnavailable(f"{file.name} cannot be read as a checkpoint.") from None
    for wrapper in _WRAPPERS:
        if isinstance(found, dict) and isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    if not isinstance(found, dict) or not all(isinstance(each, torch.Tensor) for each in found.values()):
        raise ModelUnavailable(f"{file.name} holds something else than a network's weights.")
    return found


def _fill_weights(network: nn.Module, tensors: Tensors, name: str) -> None:
    try:
        network.load_state_dict({key: weight.float() for key, weight in tensors.items()})
    except RuntimeError:
        raise ModelUnavailable(f"The weights of {name} do not fit the network that they look like.") from None
