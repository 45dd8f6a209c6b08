"""The torch embedder makes the same marks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from worker.watermark import Watermarker

Pixels = npt.NDArray[np.float32]

KEY = bytes(range(32))
PAYLOAD = 0x0123456789ABCDEF
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
DEVICES = ("cpu", pytest.param("cuda", marks=CUDA))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("name", "short_side"), [("coffee", 300), ("astronaut", 512), ("rocket", 777)])
def test_a_device_writes_the_mark_that_the_processor_writes(
    name: str, short_side: int, device: str, photograph: Callable[..., Pixels]
) -> None:
    picture = photograph(name, short_side).copy()  # torch takes what may be written to
    here = Watermarker(KEY, 1).embed(picture, PAYLOAD)
    there = Watermarker(KEY, 1, device).embed(picture, PAYLOAD)
    assert there.dtype == np.float32
    # The attacks that the mark is made against round, and a rounding may fall otherwise.
    assert np.abs(here - there).max() < 0.1 / 255
    assert np.sqrt(np.mean(np.square(here - there))) < 0.01 / 255


@pytest.mark.parametrize("device", DEVICES)
def test_what_a_device_writes_is_read(device: str, photograph: Callable[..., Pixels]) -> None:
    marker = Watermarker(KEY, 1, device)
    marked = marker.mark(photograph("coffee").copy(), PAYLOAD)
    assert marked.proof.robust
    assert Watermarker(KEY, 1).detect(marked.rgb).payload == PAYLOAD
