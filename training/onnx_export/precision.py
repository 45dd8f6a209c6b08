"""Conversion of float32 graphs to float16 and int8.

Matrix products are quantized dynamically: weights once, per column; activations at run time. onnxruntime is
slow at this for convolutions, so that their activations' ranges are calibrated in advance.
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


def convert_to_float16(file: Path) -> None:
    """Converts weights and arithmetic to float16; inputs and outputs stay float32.

    A runtime without float16 arithmetic, such as onnxruntime on an x86 CPU, converts back while it runs.
    """
    onnx.save(convert_float_to_float16(onnx.load(file), keep_io_types=True), file)


def quantize_products(file: Path) -> None:
    """Quantizes every matrix product with a weight to int8, dynamically."""
    with _preprocessed_graph(file) as prepared:
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
    """Quantizes every convolution of feature maps to int8, calibrated on the inputs ``seen``."""
    onnx.save(_replace_prelu(onnx.load(file)), file)
    with _preprocessed_graph(file) as prepared:
        quantize_static(
            prepared,
            file,
            _CalibrationFeeds(seen),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=_picture_convolutions(onnx.load(prepared)),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )


def _narrow_products(model: onnx.ModelProto) -> list[str]:
    """Returns the names of the products at the latents' own width: they are cheap, and errors are visible."""
    shortest = {each.name: min(each.dims, default=0) for each in model.graph.initializer}
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and any(shortest.get(name, _NARROW) < _NARROW for name in node.input)
    ]


def _picture_convolutions(model: onnx.ModelProto) -> list[str]:
    """Returns the names of the convolutions that read the picture itself.

    Interpolation is one of them: if its weights are rounded, they no longer add up to 1 for each pixel of a
    block, and flat colours become a pattern of dots.
    """
    channels = {each.name: each.dims[1] for each in model.graph.initializer if len(each.dims) == _CONV_AXES}
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "Conv" and channels.get(node.input[1], 0) <= _COLOURS
    ]


def _replace_prelu(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replaces PRelu by a·y + (1 − a)·max(y, 0), which onnxruntime runs twice as fast on dequantized maps."""
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


class _CalibrationFeeds(CalibrationDataReader):
    """Gives onnxruntime the calibration inputs one by one."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._left = iter(feeds)

    def get_next(self) -> Feed | None:  # pyright: ignore[reportIncompatibleMethodOverride] - None ends it
        return next(self._left, None)


@contextmanager
def _preprocessed_graph(file: Path) -> Generator[Path]:
    """Yields the graph with inferred shapes and folded constants, as the quantizers need it."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        prepared = Path(folder) / file.name
        # The tool cannot infer the transformer's symbolic shapes; the runtime can.
        quant_pre_process(file, prepared, skip_symbolic_shape=True)
        yield prepared
