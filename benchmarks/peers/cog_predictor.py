"""The model function as a predictor of cog: https://cog.run."""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64

from cog import BasePredictor

from benchmarks.peers.model import draw_png


class Predictor(BasePredictor):
    def predict(self, prompt: str, seed: int, side: int, seconds: float) -> str:
        return base64.b64encode(draw_png(prompt, seed, side, seconds)).decode()
