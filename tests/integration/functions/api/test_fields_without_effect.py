"""docs/decisions/0040: a field that would make another picture is honoured or refused, in every interface."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Deployment, base64_of, picture

OPENAI = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
GOOGLE = {"x-goog-api-key": "k"}
PICTURE = {"bytesBase64Encoded": base64_of(picture())}
CHAT = {"model": "mock", "messages": [{"role": "user", "content": "a red boat"}]}
GEMINI = "/v1beta/models/mock:generateContent"
IMAGEN = "/v1beta/models/imagen-4.0-generate-001:predict"
VEO = "/v1beta/models/veo-3.1:predictLongRunning"
INTERACTIONS = "/v1beta/interactions"
INTERACTION = {"model": "mock", "input": "a red boat"}


def content(**config: Any) -> dict[str, Any]:
    return {"contents": [{"parts": [{"text": "a red boat"}]}], "generationConfig": config}


def prediction(*references: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    instance = {"prompt": "a red boat", "referenceImages": references}
    return {"instances": [instance], "parameters": parameters}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/images/generations", {"prompt": "a red boat", "strength": 0.5}, "strength"),
    ("/v1/chat/completions", {**CHAT, "strength": 0.5}, "strength"),
    ("/v1/chat/completions", {**CHAT, "background": "transparent"}, "background"),
    ("/v1/chat/completions", {**CHAT, "image_config": {"rgb_colors": []}}, "image_config"),
    ("/v1/chat/completions", {**CHAT, "size": "1K", "image_config": {"image_size": "2K"}}, "image_config"),
    (
        "/v1/responses",
        {"model": "mock", "input": "a boat", "tools": [{"type": "image_generation"}], "strength": 0.5},
        "strength",
    ),
    (GEMINI, content(imageConfig={"style": "oil"}), "generationConfig.imageConfig.style"),
    (
        GEMINI,
        content(imageConfig={"personGeneration": "DONT_ALLOW"}),
        "generationConfig.imageConfig.personGeneration",
    ),
    (GEMINI, content(responseFormat={"image": {"dpi": 300}}), "generationConfig.responseFormat.image.dpi"),
    (GEMINI, {**content(), "cachedContent": "cachedContents/x"}, "cachedContent"),
    (IMAGEN, prediction(sampleImageStyle="sketch"), "parameters.sampleImageStyle"),
    (IMAGEN, prediction(editMode="EDIT_MODE_INPAINT_REMOVAL"), "parameters.editMode"),
    (IMAGEN, prediction(personGeneration="dont_allow"), "parameters.personGeneration"),
    (
        IMAGEN,
        prediction({"referenceType": "REFERENCE_TYPE_CONTROL", "referenceImage": PICTURE}),
        "instances[0].referenceImages[0].referenceType",
    ),
    (
        IMAGEN,
        prediction(
            {
                "referenceType": "REFERENCE_TYPE_MASK",
                "referenceImage": PICTURE,
                "maskImageConfig": {"maskMode": "MASK_MODE_BACKGROUND"},
            }
        ),
        "instances[0].referenceImages[0].maskImageConfig.maskMode",
    ),
    (
        VEO,
        {"instances": [{"prompt": "x"}], "parameters": {"cameraControl": "pan"}},
        "parameters.cameraControl",
    ),
    (INTERACTIONS, {**INTERACTION, "response_format": {"type": "image", "dpi": 1}}, "response_format.dpi"),
    (
        INTERACTIONS,
        {**INTERACTION, "generation_config": {"image_config": {"dpi": 1}}},
        "generation_config.image_config.dpi",
    ),
    *(
        ("/sdapi/v1/txt2img", {"prompt": "a red boat", name: value}, name)
        for name, value in {
            "tiling": True,
            "styles": ["anime"],
            "subseed_strength": 0.3,
            "alwayson_scripts": {"controlnet": {"args": []}},
        }.items()
    ),
]


@pytest.mark.parametrize(("path", "body", "field"), REFUSED)
def test_what_would_be_another_picture_is_refused_by_its_name(
    deployment: Deployment, path: str, body: dict[str, Any], field: str
) -> None:
    answer = deployment.client.post(
        path, json=body, headers=GOOGLE if ":" in path or "beta" in path else OPENAI
    )
    assert answer.status_code in (400, 422), answer.text
    assert field in answer.text
    assert deployment.objects() == set()


TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("/v1/images/generations", {"prompt": "a red boat", "allow_outside_domain": True, "style": "vivid"}),
    (
        "/v1/chat/completions",
        {**CHAT, "temperature": 0.5, "tools": [], "image_config": {"image_size": "512"}},
    ),
    (GEMINI, {**content(imageConfig={"personGeneration": "ALLOW_ALL"}, temperature=1), "tools": [], "x": 1}),
    (
        IMAGEN,
        prediction(
            storageUri="gs://b/o",
            safetySetting="BLOCK_LOW_AND_ABOVE",
            personGeneration="ALLOW_ADULT",
            includeRaiReason=True,
            language="en",
            addWatermark=False,
            enhancePrompt=False,
        ),
    ),
    (
        "/sdapi/v1/txt2img",
        {
            "prompt": "a red boat",
            "tiling": False,
            "styles": [],
            "subseed": -1,
            "subseed_strength": 0,
            "alwayson_scripts": {},
            "restore_faces": True,
            "denoising_strength": 0.7,
        },
    ),
]


@pytest.mark.parametrize(("path", "body"), TAKEN)
def test_what_clients_send_and_makes_no_other_picture_is_taken(
    deployment: Deployment, path: str, body: dict[str, Any]
) -> None:
    with painting(deployment):
        answer = deployment.client.post(path, json=body, headers=GOOGLE if "beta" in path else OPENAI)
    assert answer.status_code == 200, answer.text


def test_a_chat_takes_what_says_how_a_picture_is(deployment: Deployment) -> None:
    body = {**CHAT, "size": "512x512", "output_format": "jpeg", "output_compression": 60}
    with painting(deployment) as painter:
        answer = deployment.client.post("/v1/chat/completions", json=body, headers=OPENAI)
    assert answer.status_code == 200, answer.text
    [record] = painter.drawn
    assert (record.width, record.height) == (512, 512)
    assert (record.request.format, record.request.quality) == ("jpeg", 60)
