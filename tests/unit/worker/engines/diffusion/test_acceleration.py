"""Switches are chosen by what a device can do, and change pictures little or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend

from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.acceleration import accelerate, compiled_blocks
from worker.engines.diffusion.acceleration.attention import attention_kernels, fastest_attention
from worker.engines.diffusion.acceleration.compiled_blocks import Compilation, choose_compilation
from worker.engines.diffusion.acceleration.cuda_graphs import GraphedForward
from worker.engines.diffusion.acceleration.weights import EightBits, missing_for
from worker.engines.protocol import Brief, Encoded, Picture

CUDNN, FLASH = SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION


@pytest.mark.parametrize(
    ("capability", "has_cudnn", "first"),
    [
        ((9, 0), True, [CUDNN, FLASH]),
        ((9, 0), False, [FLASH]),
        ((8, 9), True, [FLASH, CUDNN]),
        ((7, 5), True, []),
    ],
)
def test_the_fastest_kernel_comes_first_and_one_takes_everything(
    capability: tuple[int, int], has_cudnn: bool, first: list[SDPBackend]
) -> None:
    kernels = attention_kernels(capability, has_cudnn)
    assert kernels == [*first, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


def test_a_cpu_has_one_kernel() -> None:
    query = torch.randn(1, 2, 8, 16)
    with fastest_attention(query.device):
        torch.nn.functional.scaled_dot_product_attention(query, query, query)


@pytest.mark.parametrize(
    ("wanted", "device", "compiler", "chosen"),
    [
        ("auto", "cuda", "/usr/bin/cc", "blocks"),
        ("auto", "cuda:1", None, "off"),
        ("auto", "cpu", "/usr/bin/cc", "off"),
        ("off", "cuda", "/usr/bin/cc", "off"),
        ("graphs", "cuda", "/usr/bin/cc", "graphs"),
        ("graphs", "cpu", "/usr/bin/cc", "blocks"),
        ("blocks", "cpu", None, "blocks"),
    ],
)
def test_blocks_are_compiled_where_it_pays(
    wanted: Compilation, device: str, compiler: str | None, chosen: Compilation
) -> None:
    assert choose_compilation(wanted, device, compiler) == chosen


@pytest.mark.parametrize(
    ("kind", "capability", "has_torchao", "missing"),
    [
        ("int8", None, False, None),
        ("fp8", None, True, "for GPUs"),
        ("fp8", (8, 9), True, None),
        ("fp8", (8, 6), True, "no fp8"),
        ("fp8", (9, 0), False, "torchao"),
        ("int8", (8, 0), True, None),
        ("int8", (8, 0), False, "torchao"),
    ],
)
def test_eight_bits_need_a_device_that_multiplies_in_them(
    kind: EightBits, capability: tuple[int, int] | None, has_torchao: bool, missing: str | None
) -> None:
    found = missing_for(kind, capability, has_torchao)
    assert (found is None) if missing is None else (found is not None and missing in found)


class Graphs:
    """A denoiser that doubles, and graphs of it that count their replays."""

    def __init__(self, fails: bool = False) -> None:
        self.fails, self.passes, self.captures, self.replays = fails, 0, 0, 0

    def forward(self, x: torch.Tensor, **_others: Any) -> torch.Tensor:
        self.passes += 1
        return 2 * x

    def capture(self, forward: Callable[..., Any], arguments: dict[str, Any]) -> Callable[..., Any]:
        if self.fails:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.captures += 1

        def replay(given: dict[str, Any]) -> Any:
            assert given["x"].shape == arguments["x"].shape
            self.replays += 1
            return 2 * given["x"]

        return replay


def test_a_shape_that_comes_again_is_replayed() -> None:
    graphs = Graphs()
    graphed = GraphedForward(graphs.forward, graphs.capture, kept=1)
    for n in range(5):
        assert torch.equal(graphed(x=torch.full((3,), n)), torch.full((3,), 2 * n))
    assert (graphs.passes, graphs.captures, graphs.replays) == (2, 1, 3)
    for _ in range(3):
        graphed(x=torch.ones(4), mask=None)
    assert (graphs.passes, graphs.captures) == (4, 2)
    graphed(x=torch.ones(3))  # its graph made room for the other
    assert graphs.passes == 5


def test_what_no_graph_can_hold_runs_as_it_is() -> None:
    graphs = Graphs()
    graphed = GraphedForward(graphs.forward, graphs.capture)
    for _ in range(4):
        graphed(torch.ones(3))
        graphed(x=torch.ones(3), shapes=[(1, 2)])
    assert (graphs.passes, graphs.captures) == (8, 0)


def test_a_capture_that_fails_is_not_tried_again() -> None:
    graphs = Graphs(fails=True)
    graphed = GraphedForward(graphs.forward, graphs.capture)
    for _ in range(4):
        assert torch.equal(graphed(x=torch.ones(3)), torch.full((3,), 2.0))
    assert graphs.passes == 4


@pytest.mark.slow
def test_compiled_blocks_draw_the_same_picture(
    klein_directory: Path,
    tmp_path: Path,
    load: Callable[..., DiffusersEngine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    brief = Brief(prompt="a red boat", width=64, height=64, steps=2)
    engine = load(klein_directory)
    before = draw(engine, brief)
    pipeline = engine._loaded.pipeline  # pyright: ignore[reportPrivateUsage]
    assert compiled_blocks.compile_blocks(pipeline, tmp_path, backend="eager") == ["transformer"]
    assert all(block._compiled_call_impl for block in pipeline.transformer.transformer_blocks)
    np.testing.assert_allclose(draw(engine, brief), before, atol=1e-4)


@pytest.mark.slow
def test_compiled_blocks_are_warmed_by_two_shapes(
    klein_directory: Path, load: Callable[..., DiffusersEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, int]] = []

    def compile_nothing(_pipeline: object, _cache: Path) -> list[str]:
        return ["transformer"]

    def note(_engine: DiffusersEngine, encoded: Encoded, **_how: Any) -> None:
        sizes.append((encoded.width, encoded.height))

    monkeypatch.setattr(accelerate, "compile_blocks", compile_nothing)
    monkeypatch.setattr(DiffusersEngine, "diffuse", note)
    for compilation in ("off", "blocks"):
        load(klein_directory, compilation=compilation).warm_up()
    assert sizes[:2] == [(64, 64), (64, 64)]
    assert len(set(sizes)) == 2


@pytest.mark.slow
def test_the_decoder_s_kernels_have_their_channels_last_and_draw_nearly_the_same(
    klein_directory: Path, load: Callable[..., DiffusersEngine]
) -> None:
    brief = Brief(prompt="a red boat", width=64, height=64, steps=2)
    engine = load(klein_directory)
    picture, vae = draw(engine, brief), engine._loaded.pipeline.vae  # pyright: ignore[reportPrivateUsage]
    assert vae.decoder.conv_in.weight.is_contiguous(memory_format=torch.channels_last)
    for kernel in vae.parameters():
        kernel.data = kernel.data.contiguous()
    np.testing.assert_allclose(draw(engine, brief), picture, atol=1e-4)


def draw(engine: DiffusersEngine, brief: Brief) -> Picture:
    return engine.diffuse(engine.encode(brief), 1, lambda _step, _of, _preview: None)
