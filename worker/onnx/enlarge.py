"""Enlarging under onnxruntime: tiles that overlap by what the network sees, as ``worker.upscaler``'s do."""

from __future__ import annotations

import numpy as np

from .recipe import EnlargerFacts
from .sessions import Array, Sessions

GRAPH = "enlarger"
_TILE = 256  # pixels of the small picture


class OnnxEnlarger:
    """Enlarges float32 (h, w, 3) in 0–1 by ``factor``; one of ``worker.stages.work``'s enlargers."""

    def __init__(self, facts: EnlargerFacts, sessions: Sessions) -> None:
        self.name, self.factor = facts.name, facts.factor
        self._reach = facts.reach
        self._sessions = sessions

    def enlarge(self, rgb: np.ndarray, tile: int = _TILE) -> np.ndarray:
        """float32 (factor·h, factor·w, 3) in 0–1, the same for every ``tile`` (px of the small picture)."""
        height, width = rgb.shape[:2]
        # A margin that repeats the picture's edge, as wide as the network sees.
        padded = np.pad(rgb, ((self._reach, self._reach), (self._reach, self._reach), (0, 0)), "edge")
        out = np.empty((height * self.factor, width * self.factor, 3), np.float32)
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                large = self._one(padded, top, left, min(tile, height - top), min(tile, width - left))
                down, across = top * self.factor, left * self.factor
                out[down : down + large.shape[0], across : across + large.shape[1]] = large
        return np.clip(out, 0, 1, out=out)

    def _one(self, padded: np.ndarray, top: int, left: int, rows: int, columns: int) -> Array:
        margin = self._reach
        piece = padded[top : top + rows + 2 * margin, left : left + columns + 2 * margin]
        small = np.ascontiguousarray(piece.transpose(2, 0, 1)[None], np.float32)
        large = self._sessions.run(GRAPH, small=small)[0]
        inner = slice(margin * self.factor, -margin * self.factor)
        return large[:, inner, inner].transpose(1, 2, 0)
