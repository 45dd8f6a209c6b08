"""Pictures asked for as Open WebUI, SillyTavern and LibreChat ask Stable Diffusion WebUI."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import BlockFacts, ErrorFacts
from functions.waiting.synchronous_job import JOB_HEADER
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

OPEN_WEBUI = {"prompt": "a red boat", "batch_size": 1, "width": 512, "height": 512}
SILLY_TAVERN = {
    "prompt": "a red boat",
    "negative_prompt": "fog",
    "sampler_name": "DPM++ 2M",
    "scheduler": "Karras",
    "steps": 20,
    "cfg_scale": 7,
    "width": 512,
    "height": 512,
    "restore_faces": False,
    "enable_hr": False,
    "hr_upscaler": "Latent",
    "hr_scale": 2,
    "hr_additional_modules": [],
    "denoising_strength": 0.7,
    "hr_second_pass_steps": 0,
    "seed": -1,
    "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_vae": "Automatic"},
    "override_settings_restore_afterwards": True,
    "clip_skip": 1,
    "save_images": True,
    "send_images": True,
    "do_not_save_grid": False,
    "do_not_save_samples": False,
}
LIBRE_CHAT = {"prompt": "a red boat", "negative_prompt": "fog", "cfg_scale": 4.5, "steps": 22}


def draw(deployment: Deployment, body: dict[str, Any], path: str = "txt2img") -> Answer:
    return deployment.client.post(f"/sdapi/v1/{path}", json=body)


def sizes(answer: Answer) -> list[tuple[int, int]]:
    files = [base64.b64decode(text, validate=True) for text in answer.json["images"]]
    return [Image.open(io.BytesIO(data)).size for data in files]


@pytest.mark.parametrize("body", [OPEN_WEBUI, SILLY_TAVERN, LIBRE_CHAT], ids=["owui", "silly", "libre"])
def test_each_clients_request_gives_a_picture(deployment: Deployment, body: dict[str, Any]) -> None:
    with painting(deployment) as painter:
        answer = draw(deployment, body)
    assert answer.status_code == 200, answer.text
    [record] = painter.drawn
    assert answer.headers[JOB_HEADER] == record.id
    assert sizes(answer) == [(512, 512)]
    info = json.loads(answer.json["info"])
    assert (info["seed"], info["all_seeds"]) == (record.seed, [record.seed])
    assert answer.json["parameters"]["prompt"] == "a red boat"


def test_every_field_has_its_place(deployment: Deployment) -> None:
    body = {**SILLY_TAVERN, "seed": 7, "batch_size": 2, "n_iter": 2}
    body["override_settings"] = {"sd_model_checkpoint": "mock [0123abcd]"}
    body |= {"width": 688, "height": 384}
    with painting(deployment) as painter:
        answer = draw(deployment, body)
    assert answer.status_code == 200, answer.text
    [record] = painter.drawn
    request = record.request
    assert sizes(answer) == [(688, 384)] * 4
    assert (request.task, request.seed, request.count, request.model) == ("generate", 7, 4, "mock")
    assert (request.steps, request.guidance, request.negative_prompt) == (20, 7.0, "fog")


def test_a_second_pass_gives_the_larger_size(deployment: Deployment) -> None:
    with painting(deployment):
        answer = draw(deployment, {**SILLY_TAVERN, "enable_hr": True})
    assert sizes(answer) == [(1024, 1024)]


def test_a_picture_is_edited_where_the_mask_is_white(deployment: Deployment) -> None:
    mask = io.BytesIO()
    Image.new("L", (320, 256), 255).save(mask, "PNG")
    body = {
        "prompt": "make it blue",
        "init_images": ["data:image/png;base64," + base64_of(picture())],
        "mask": base64_of(mask.getvalue()),
        "denoising_strength": 0.6,
        "inpainting_fill": 1,
        "width": 320,
        "height": 256,
    }
    with painting(deployment) as painter:
        answer = draw(deployment, body, "img2img")
    assert answer.status_code == 200, answer.text
    [record] = painter.drawn
    assert (record.request.task, record.request.strength) == ("edit", 0.6)
    assert record.request.mask is not None
    assert sizes(answer) == [(320, 256)]


def test_a_large_picture_fits_the_body(deployment: Deployment) -> None:
    noise = Image.effect_noise((640, 640), 80).convert("RGB")
    target = io.BytesIO()
    noise.save(target, "PNG")
    body = {"prompt": "make it blue", "init_images": [base64_of(target.getvalue())]}
    with painting(deployment):
        assert draw(deployment, body, "img2img").status_code == 200


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("txt2img", {"width": 520}, "512×512"),
        ("txt2img", {"width": 504, "height": 504}, "504×504"),
        ("txt2img", {"width": None}, "width"),
        ("txt2img", {"prompt": ""}, "prompt"),
        ("txt2img", {"batch_size": 1, "n_iter": 11}, "batch_size"),
        ("txt2img", {"batch_size": 0}, "batch_size"),
        ("txt2img", {"steps": 1000}, "steps"),
        ("txt2img", {"steps": "many"}, "steps"),
        ("txt2img", {"cfg_scale": 99}, "cfg_scale"),
        ("txt2img", {"cfg_scale": 1e999}, "Infinity"),
        ("txt2img", {"seed": -2}, "seed"),
        ("txt2img", {"script_name": "x/y/z plot"}, "script_name"),
        ("txt2img", {"override_settings": {"sd_model_checkpoint": "other"}}, "sd_model_checkpoint"),
        ("txt2img", {"override_settings": {"sd_model_checkpoint": 7}}, "sd_model_checkpoint"),
        ("txt2img", {"override_settings": "x"}, "override_settings"),
        ("img2img", {}, "init_images"),
        ("img2img", {"init_images": ["a", "b"]}, "init_images"),
        ("img2img", {"init_images": ["not base64!"]}, "init_images"),
        ("img2img", {"init_images": [base64_of(b"no picture")]}, "init_images"),
        ("img2img", {"init_images": [base64_of(picture())], "width": 520}, "512×512"),
        ("img2img", {"init_images": [base64_of(picture())], "inpainting_mask_invert": 1}, "white"),
        ("img2img", {"init_images": [base64_of(picture())], "denoising_strength": 0}, "denoising_strength"),
        ("img2img", {"init_images": [base64_of(picture())], "width": 328, "height": 256}, "328×256"),
    ],
)
def test_bad_input_is_refused_in_the_webuis_shape(
    deployment: Deployment, path: str, change: dict[str, Any], says: str
) -> None:
    body = {**OPEN_WEBUI, **change}
    answer = draw(deployment, body, path)
    assert 400 <= answer.status_code < 500, answer.text
    assert set(answer.json) == {"error", "detail", "body", "errors"}
    assert says in answer.json["detail"], answer.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/sdapi/v1/txt2img", None, 405),
        ("GET", "/sdapi/v1/nothing", None, 404),
        ("POST", "/sdapi/v1/txt2img", b"[", 400),
        ("POST", "/sdapi/v1/txt2img", b"[]", 400),
        ("POST", "/sdapi/v1/txt2img", b"\xff", 400),
        ("POST", "/sdapi/v1/txt2img", b" " * 1_100_000, 413),
    ],
)
def test_other_faults_have_the_same_shape(
    deployment: Deployment, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = deployment.client.open(path, method=method, data=body, content_type="application/json")
    assert answer.status_code == status, answer.text
    assert set(answer.json) == {"error", "detail", "body", "errors"}


def test_a_block_is_told_without_a_picture(deployment: Deployment) -> None:
    block = BlockFacts(categories=("nudity",), policy_version="1", support_code="s")
    error = ErrorFacts(code="image_blocked", message="The picture is not allowed.", block=block)
    with painting(deployment, error=error) as painter:
        answer = draw(deployment, OPEN_WEBUI)
    assert answer.status_code == 422 and answer.headers[JOB_HEADER] == painter.drawn[0].id
    assert answer.json["error"] == "image_blocked" and "not allowed" in answer.json["detail"]


def test_a_repeat_with_a_seed_finds_the_first_picture(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        first, second = (draw(deployment, {**OPEN_WEBUI, "seed": 7}) for _ in range(2))
    assert first.headers[JOB_HEADER] == second.headers[JOB_HEADER] and len(painter.drawn) == 1


def test_what_is_not_ready_in_time_is_told_with_the_jobs_id(deployment: Deployment) -> None:
    answer = deployment.client.post("/sdapi/v1/txt2img", json=OPEN_WEBUI, headers={"Prefer": "wait=0"})
    assert answer.status_code == 504 and answer.json["error"] == "not_ready_in_time"
    assert deployment.job(answer.headers[JOB_HEADER])["state"] == "queued"
