"""A super-resolution network under onnxruntime. Its tiles overlap by its reach, as in ``worker.upscaler``."""

from __future__ import annotations

import numpy as np

from worker.engines.onnx.recipe import EnlargerFacts
from worker.engines.onnx.sessions import Array, OnnxSessions
from worker.pictures.tiled_enlargement import TILE, enlarge_in_tiles


class OnnxEnlarger:
    """An exported ``Enlarger``."""

    def __init__(self, graph: str, facts: EnlargerFacts, sessions: OnnxSessions) -> None:
        self.name, self.factor = facts.name, facts.factor
        self._reach = facts.reach
        self._graph, self._sessions = graph, sessions

    def enlarge(self, rgb: np.ndarray, tile: int = TILE) -> np.ndarray:
        """Returns float32 (factor·h, factor·w, 3) in 0–1, the same for every ``tile`` (small px)."""
        return enlarge_in_tiles(rgb, tile, self.factor, self._reach, self._enlarge_tile)

    def _enlarge_tile(self, piece: Array) -> Array:
        small = np.ascontiguousarray(piece.transpose(2, 0, 1)[None])
        return self._sessions.run(self._graph, small=small)[0].transpose(1, 2, 0)
