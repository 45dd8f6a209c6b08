"""Enlarging under onnxruntime: tiles that overlap by what the network sees, as ``worker.upscaler``'s do."""

from __future__ import annotations

import numpy as np

from worker.engines.onnx.recipe import EnlargerFacts
from worker.engines.onnx.sessions import Array, Sessions
from worker.pictures.tiled_enlargement import TILE, enlarged

OWN, ANY = "enlarger", "any_enlarger"
"""The graphs' names: the network for what the model draws, and the one for any picture."""


class OnnxEnlarger:
    """Enlarges float32 (h, w, 3) in 0–1 by ``factor``; one of ``worker.stages.work``'s enlargers."""

    def __init__(self, graph: str, facts: EnlargerFacts, sessions: Sessions) -> None:
        self.name, self.factor = facts.name, facts.factor
        self._reach = facts.reach
        self._graph, self._sessions = graph, sessions

    def enlarge(self, rgb: np.ndarray, tile: int = TILE) -> np.ndarray:
        """float32 (factor·h, factor·w, 3) in 0–1, the same for every ``tile`` (px of the small picture)."""
        return enlarged(rgb, tile, self.factor, self._reach, self._one)

    def _one(self, piece: Array) -> Array:
        small = np.ascontiguousarray(piece.transpose(2, 0, 1)[None])
        return self._sessions.run(self._graph, small=small)[0].transpose(1, 2, 0)
