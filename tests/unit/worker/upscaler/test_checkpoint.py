"""Checkpoints: ours, and published ones of other architectures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from functions.contract.errors import ModelUnavailable
from tests.unit.worker.stages.making import noise
from worker.upscaler.checkpoint import load_network
from worker.upscaler.published_architectures import Compact, ResidualDense
from worker.upscaler.tiled_upscaler import Upscaler


def compact(factor: int = 2) -> Compact:
    torch.manual_seed(0)
    return Compact(features=8, depth=3, factor=factor)


def residual_dense(factor: int = 4) -> ResidualDense:
    torch.manual_seed(0)
    return ResidualDense(features=8, growth=4, blocks=2, factor=factor)


def write_checkpoint(network: torch.nn.Module, file: Path) -> str:
    """Writes weights as other projects publish them: safetensors bare, pickles under a key."""
    if file.suffix == ".safetensors":
        save_file({name: weight.contiguous() for name, weight in network.state_dict().items()}, file)
    else:
        torch.save({"params_ema": network.state_dict()}, file)
    return str(file)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("network", [compact(2), compact(4), residual_dense(4), residual_dense(2)])
def test_other_architectures_are_known_by_their_weights(
    tmp_path: Path, network: Compact | ResidualDense, suffix: str
) -> None:
    upscaler = Upscaler.load(write_checkpoint(network, tmp_path / f"other{suffix}"), "cpu")
    picture = noise(19, 13)
    made = upscaler.enlarge(picture)
    assert (upscaler.name, upscaler.factor) == ("other", network.factor)
    assert made.shape == (13 * network.factor, 19 * network.factor, 3)
    assert np.array_equal(made, Upscaler(network, "same").enlarge(picture))


@pytest.mark.parametrize("factor", [2, 4])
def test_a_network_that_sees_far_leaves_no_visible_seam(factor: int) -> None:
    upscaler, picture = Upscaler(residual_dense(factor), "random"), noise(70, 45)
    whole, tiled = upscaler.enlarge(picture, tile=128), upscaler.enlarge(picture, tile=22)
    assert np.abs(whole - tiled).max() < 1 / 255


def test_what_is_no_network_is_a_typed_error(tmp_path: Path) -> None:
    files = {
        name: tmp_path / name
        for name in ("text.pth", "text.safetensors", "other.pth", "half.pth", "list.pth")
    }
    for name in ("text.pth", "text.safetensors"):
        files[name].write_bytes(b"no weights at all")
    torch.save({"params": {"layer.weight": torch.zeros(1)}}, files["other.pth"])
    half = compact().state_dict()
    del half["body.2.bias"]
    torch.save({"params": half}, files["half.pth"])
    torch.save([1, 2], files["list.pth"])
    for file in files.values():
        with pytest.raises(ModelUnavailable, match=file.name):
            load_network(str(file))


@pytest.mark.parametrize("network", [compact(1), residual_dense(1)])
def test_a_network_that_enlarges_nothing_is_refused(tmp_path: Path, network: Compact | ResidualDense) -> None:
    with pytest.raises(ModelUnavailable, match="enlarges nothing"):
        load_network(write_checkpoint(network, tmp_path / "mends.pth"))


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (ran,)

    torch.save({"params": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(ModelUnavailable):
        load_network(str(tmp_path / "trap.pth"))
    assert not ran.exists()
