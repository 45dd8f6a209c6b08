"""A client of Stable Diffusion WebUI against the real stack: what Open WebUI sends, in its order."""

from __future__ import annotations

import base64
import io
import json

import httpx
from PIL import Image

from local.stack.stack_process import StackProcess


def test_a_chat_interface_draws_edits_and_is_told_the_seed(stack: StackProcess) -> None:
    with httpx.Client(base_url=f"{stack.state['api']}/sdapi/v1", timeout=60, auth=("user", "any")) as webui:
        model = webui.get("/options").json()["sd_model_checkpoint"]
        assert model in [each["model_name"] for each in webui.get("/sd-models").json()]
        assert webui.post("/options", json={"sd_model_checkpoint": model}).json() is None
        body = {"prompt": "a red boat", "batch_size": 2, "width": 512, "height": 512, "steps": 4}
        drawn = webui.post("/txt2img", json=body)
        assert drawn.status_code == 200, drawn.text
        images = drawn.json()["images"]
        assert [Image.open(io.BytesIO(base64.b64decode(text))).size for text in images] == [(512, 512)] * 2
        assert len(set(json.loads(drawn.json()["info"])["all_seeds"])) == 2
        edit = {"prompt": "make it blue", "init_images": [images[0]], "denoising_strength": 0.7}
        assert len(webui.post("/img2img", json=edit).json()["images"]) == 1
        assert webui.get("/progress").json()["state"]["job_count"] == 0
