"""The model function as a server of LitServe: https://lightning.ai/docs/litserve. Takes the port."""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import sys
from typing import Any

import litserve

from benchmarks.peers.model import draw_png


class PictureApi(litserve.LitAPI):
    def setup(self, device: str) -> None:
        """Does nothing: there is no model to load."""

    def predict(self, asked: dict[str, Any]) -> dict[str, str]:
        return {"output": base64.b64encode(draw_png(**asked)).decode()}


if __name__ == "__main__":
    server = litserve.LitServer(PictureApi(), accelerator="cpu", timeout=False)
    server.run(port=int(sys.argv[1]), generate_client_file=False)
