"""The sessions of a folder of ONNX files. Each file is opened when it is first run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from functions.contract.errors import EngineFailed, ModelUnavailable

Array = NDArray[np.float32]

_ERROR = 3  # log nothing below
# onnxruntime's errors have no common class and are in its compiled module, which no type checker reads.
_ERRORS: Any = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
_BROKEN = (_ERRORS.InvalidProtobuf, _ERRORS.InvalidGraph, _ERRORS.Fail, _ERRORS.NotImplemented)
_FAILED = (_ERRORS.RuntimeException, _ERRORS.Fail)


class OnnxSessions:
    """Runs the folder's graphs with ``threads`` for each operator; None is one for each core."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or 0
        self._open: dict[str, onnxruntime.InferenceSession] = {}

    def run(self, graph: str, **inputs: NDArray[np.generic]) -> Array:
        """Returns the graph's only output. Raises ModelUnavailable, and EngineFailed if computing fails."""
        session = self._session(graph)
        try:
            return np.asarray(session.run(None, inputs)[0], np.float32)
        except _FAILED as error:
            raise EngineFailed(f"onnxruntime cannot compute {graph}: {_first_line(error)}") from error

    def _session(self, graph: str) -> onnxruntime.InferenceSession:
        if graph not in self._open:
            self._open[graph] = self._open_session(graph)
        return self._open[graph]

    def _open_session(self, graph: str) -> onnxruntime.InferenceSession:
        file = self._folder / f"{graph}.onnx"
        if not file.is_file():
            raise ModelUnavailable(f"{file} is missing: export the model again.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        # Sessions take turns with each other and with the stages. Threads that spin while they wait would
        # take the processors from the one whose turn it is.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = _ERROR
        try:
            return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except _BROKEN as error:
            raise ModelUnavailable(f"{file} cannot be read: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
