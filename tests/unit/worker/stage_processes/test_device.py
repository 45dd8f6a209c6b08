"""The device that models compute on: named where it is found, and never replaced without a word."""

from __future__ import annotations

import sys

import pytest
import torch

from functions.contract.errors import ModelUnavailable
from worker.stage_processes import device
from worker.stage_processes.device import find_device


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "has_cuda_driver", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)

    def named(found: torch.device) -> str:
        return f"NVIDIA L4 {found.index}"

    monkeypatch.setattr(torch.cuda, "get_device_name", named)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("wanted", ["cuda", "cuda:0"])
def test_a_gpu_that_is_asked_for_is_not_replaced_by_the_processor(wanted: str) -> None:
    with pytest.raises(ModelUnavailable, match=f"PLANTAIN_DEVICE is {wanted}"):
        find_device(wanted)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("wanted", [None, "cpu"])
def test_without_a_gpu_the_processor_is_named(wanted: str | None) -> None:
    found = find_device(wanted)
    assert found.kind == "cpu"
    assert found.name


@pytest.mark.parametrize("wanted", [None, "cpu"])
def test_torch_is_not_asked_where_it_can_find_no_gpu(
    monkeypatch: pytest.MonkeyPatch, wanted: str | None
) -> None:
    """A worker whose models need no torch starts without it."""
    monkeypatch.setattr(device, "has_cuda_driver", lambda: False)
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it raises ImportError
    assert find_device(wanted).kind == "cpu"


@pytest.mark.usefixtures("no_gpu")
def test_a_driver_alone_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "has_cuda_driver", lambda: True)
    assert find_device(None).kind == "cpu"


@pytest.mark.usefixtures("gpu")
def test_a_gpu_is_taken_where_there_is_one_and_nothing_else_is_said() -> None:
    assert find_device(None).kind == "cuda"
    assert find_device("cuda:1").name == "NVIDIA L4 1"
    assert find_device("cpu").kind == "cpu"


@pytest.mark.usefixtures("gpu")
def test_a_device_that_torch_does_not_know_is_typed() -> None:
    with pytest.raises(ModelUnavailable, match="tpu9"):
        find_device("tpu9")


@pytest.mark.usefixtures("no_gpu")
def test_the_error_names_a_driver_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "driver_version", lambda: "535.261.03")
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    with pytest.raises(ModelUnavailable, match=r"CUDA 13\.0, and the NVIDIA driver is 535\.261\.03"):
        find_device("cuda")
