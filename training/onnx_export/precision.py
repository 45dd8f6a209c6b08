"""Narrower numbers in a graph that was written in float32.

int8 is dynamic where matrices are multiplied: weights by their column once, activations as they come. Where
pictures are convolved onnxruntime is slow at that, and so the range of activations is measured beforehand.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16

_NARROW, _COLOURS, _CONV_AXES = 64, 3, 4

Feed = dict[str, NDArray[np.float32]]


def halve(file: Path) -> None:
    """Weights and arithmetic in float16; what goes in and comes out stays float32.

    A runtime without such arithmetic, as onnxruntime on an x86 CPU, widens it again as it goes.
    """
    onnx.save(convert_float_to_float16(onnx.load(file), keep_io_types=True), file)


def quantize_products(file: Path) -> None:
    """int8 in every matrix product with a weight, dynamic."""
    with _prepared(file) as prepared:
        quantize_dynamic(
            prepared,
            file,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=_narrow_products(onnx.load(prepared)),
            per_channel=True,
            # Seven bits: two products of eight overflow in the registers of CPUs without VNNI.
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )


def quantize_convolutions(file: Path, seen: Sequence[Feed]) -> None:
    """int8 in every convolution of maps; ``seen`` are inputs whose ranges stand for all others'."""
    onnx.save(_with_plain_slopes(onnx.load(file)), file)
    with _prepared(file) as prepared:
        quantize_static(
            prepared,
            file,
            _Feeds(seen),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=_of_pictures(onnx.load(prepared)),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )


def _narrow_products(model: onnx.ModelProto) -> list[str]:
    """The products at a latent's own width: little work, and every error of theirs is the picture's."""
    shortest = {each.name: min(each.dims, default=0) for each in model.graph.initializer}
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and any(shortest.get(name, _NARROW) < _NARROW for name in node.input)
    ]


def _of_pictures(model: onnx.ModelProto) -> list[str]:
    """The convolutions that read the picture itself.

    Interpolation is one of them: rounded, its weights no longer add up to one for each pixel of a block, and
    flat colours become a pattern of dots.
    """
    channels = {each.name: each.dims[1] for each in model.graph.initializer if len(each.dims) == _CONV_AXES}
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "Conv" and channels.get(node.input[1], 0) <= _COLOURS
    ]


def _with_plain_slopes(model: onnx.ModelProto) -> onnx.ModelProto:
    """PRelu as a sum, a·y + (1 − a)·max(y, 0): on dequantized maps onnxruntime is twice as quick at it."""
    weights = {each.name: each for each in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        maps, slope = node.input
        rest, name = f"{slope}_rest", node.output[0]
        if rest not in weights:
            weights[rest] = numpy_helper.from_array(1 - numpy_helper.to_array(weights[slope]), rest)
            model.graph.initializer.append(weights[rest])
        nodes += [
            helper.make_node("Mul", [maps, slope], [f"{name}_all"]),
            helper.make_node("Relu", [maps], [f"{name}_positive"]),
            helper.make_node("Mul", [f"{name}_positive", rest], [f"{name}_more"]),
            helper.make_node("Add", [f"{name}_all", f"{name}_more"], [name]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


class _Feeds(CalibrationDataReader):
    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._left = iter(feeds)

    def get_next(self) -> Feed | None:  # pyright: ignore[reportIncompatibleMethodOverride] - None is its end
        return next(self._left, None)


@contextmanager
def _prepared(file: Path) -> Generator[Path]:
    """The graph with its shapes written into it and its constants folded, as the quantizers want it."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        prepared = Path(folder) / file.name
        # Symbolic shapes are left to the runtime: the transformer's are more than this tool can follow.
        quant_pre_process(file, prepared, skip_symbolic_shape=True)
        yield prepared
