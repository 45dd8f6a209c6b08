"""Pictures that are too small for the demanded watermark are refused at the door, in every dialect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.functions.deployment import Deployment, base64_of, picture

SIDE = 160
SMALL = {"width": SIDE, "height": SIDE}


@pytest.fixture
def demanding(deployment: Deployment) -> Deployment:
    return deployment.replace(watermark_proof="robust")


@pytest.mark.parametrize(
    "body",
    [
        {"task": "generate", "prompt": "a boat", **SMALL},
        {"task": "generate", "prompt": "a boat", "width": 4 * SIDE, "height": SIDE},
        {"task": "generate", "prompt": "a boat", "dry_run": True, **SMALL},
        {"task": "sequence", "prompts": ["a boat", "a house"], **SMALL},
        {"task": "edit", "prompt": "snow", "images": [{"data": base64_of(picture(SIDE, SIDE))}], **SMALL},
    ],
)
def test_it_is_refused_before_anything_is_written(demanding: Deployment, body: dict[str, Any]) -> None:
    refused = demanding.post(body)
    assert (refused.status_code, refused.json["code"]) == (400, "unsupported_size")
    assert "512 pixels a side or more" in refused.json["detail"]
    assert demanding.objects() == set()


def test_openai_s_clients_are_told_which_field(demanding: Deployment) -> None:
    refused = demanding.post({"prompt": "a boat", "size": f"{SIDE}x{SIDE}"}, "/v1/images/generations")
    error = refused.json["error"]
    assert (refused.status_code, error["type"], error["param"]) == (400, "invalid_request_error", "size")


def test_the_webui_s_clients_are_told(demanding: Deployment) -> None:
    refused = demanding.post({"prompt": "a boat", **SMALL}, "/sdapi/v1/txt2img")
    assert (refused.status_code, refused.json["error"]) == (400, "unsupported_size")


def test_a_small_picture_may_be_looked_at_and_enlarged(demanding: Deployment) -> None:
    given = [{"data": base64_of(picture(SIDE, SIDE))}]
    for body in (
        {"task": "verify", "images": given},
        {"task": "suggest", "images": given},
        {"task": "upscale", "images": given, "size": "1K"},
    ):
        assert demanding.post(body).status_code == 202, body["task"]


def test_it_is_made_where_less_is_demanded(deployment: Deployment) -> None:
    assert deployment.post({"task": "generate", "prompt": "a boat", **SMALL}).status_code == 202
