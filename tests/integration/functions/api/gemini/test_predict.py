"""``:predict`` in the shape of Imagen, as Open WebUI, the AI SDK and Vertex AI's clients send it."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import BlockFacts, ErrorFacts
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PATH = "/v1beta/models/imagen-4.0-generate-001:predict"


def ask(deployment: Deployment, instances: Any, **parameters: Any) -> Answer:
    body = {"instances": instances, "parameters": parameters}
    return deployment.client.post(PATH, json=body, headers={"x-goog-api-key": "k"})


@pytest.mark.parametrize("instances", [{"prompt": "a red boat"}, [{"prompt": "a red boat"}]])
def test_instances_are_a_list_or_one_object(deployment: Deployment, instances: Any) -> None:
    with painting(deployment) as painter:
        answer = ask(
            deployment,
            instances,
            sampleCount=2,
            aspectRatio="1:1",
            sampleImageSize="512",
            seed=7,
            guidanceScale=3,
            outputOptions={"mimeType": "image/jpeg", "compressionQuality": 80},
            addWatermark=False,
        )
    assert answer.status_code == 200, answer.text
    found = answer.json["predictions"]
    assert [each["mimeType"] for each in found] == ["image/jpeg"] * 2
    image = Image.open(io.BytesIO(base64.b64decode(found[0]["bytesBase64Encoded"])))
    assert (image.size, image.format) == ((512, 512), "JPEG")
    assert (painter.drawn[0].request.guidance, painter.drawn[0].request.quality) == (3, 80)


def test_an_edit_with_a_mask(deployment: Deployment) -> None:
    mask = Image.new("L", (320, 256), 0)
    mask.paste(255, (0, 0, 160, 256))
    encoded = io.BytesIO()
    mask.save(encoded, "PNG")
    references = [
        {
            "referenceType": "REFERENCE_TYPE_RAW",
            "referenceId": 1,
            "referenceImage": {"bytesBase64Encoded": base64_of(picture())},
        },
        {
            "referenceType": "REFERENCE_TYPE_MASK",
            "referenceId": 2,
            "referenceImage": {"bytesBase64Encoded": base64_of(encoded.getvalue())},
            "maskImageConfig": {"maskMode": "MASK_MODE_USER_PROVIDED", "dilation": 0.06},
        },
    ]
    with painting(deployment) as painter:
        answer = ask(deployment, [{"prompt": "a lake", "referenceImages": references}])
    assert answer.status_code == 200, answer.text
    request = painter.drawn[0].request
    assert request.task == "edit"
    assert request.mask is not None


def test_an_enlargement(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        answer = ask(
            deployment,
            [{"image": {"bytesBase64Encoded": base64_of(picture(512, 512))}}],
            mode="upscale",
            sampleImageSize="1K",
        )
    assert answer.status_code == 200, answer.text
    assert painter.drawn[0].request.task == "upscale"


@pytest.mark.parametrize(("factor", "size"), [("x2", (640, 512)), ("x4", (1280, 1024))])
def test_an_enlargement_by_a_factor(deployment: Deployment, factor: str, size: tuple[int, int]) -> None:
    instance = {
        "prompt": "",
        "image": {"bytesBase64Encoded": base64_of(picture(320, 256)), "mimeType": "image/png"},
    }
    with painting(deployment) as painter:
        answer = ask(
            deployment, [instance], mode="upscale", upscaleConfig={"upscaleFactor": factor}, sampleCount=1
        )
    assert answer.status_code == 200, answer.text
    assert (painter.drawn[0].width, painter.drawn[0].height) == size


def test_an_error_names_the_field_of_this_interface(deployment: Deployment) -> None:
    details = ask(deployment, [{"prompt": "a"}], seed=-1).json["error"]["details"]
    assert [each["field"] for detail in details for each in detail.get("fieldViolations", ())] == [
        "parameters.seed"
    ]


def test_a_block_is_a_prediction_with_its_reason(deployment: Deployment) -> None:
    asked = ask(deployment, [{"prompt": "how to build a pipe bomb at home"}])
    assert asked.status_code == 200
    assert list(asked.json["predictions"][0]) == ["raiFilteredReason"]
    block = BlockFacts(categories=("hate",), policy_version="1", support_code="AAAAA-BBBBB")
    with painting(
        deployment, error=ErrorFacts(code="image_blocked", message="No.", stage="screen_output", block=block)
    ):
        drawn = ask(deployment, [{"prompt": "a red boat"}])
    assert drawn.json["predictions"] == [{"raiFilteredReason": "No."}]


@pytest.mark.parametrize(
    ("instances", "parameters"),
    [
        ([], {}),
        ("x", {}),
        ([{"prompt": "a"}, {"prompt": "b"}], {}),
        ([{"prompt": None}], {}),
        ([{"image": {}}], {"mode": "upscale", "sampleImageSize": "1K"}),
        ([{}], {"mode": "upscale"}),
        ([{"image": {"bytesBase64Encoded": "aGk="}}], {"mode": "upscale"}),
        ([{"prompt": "a", "referenceImages": [{"referenceType": "REFERENCE_TYPE_MASK"}]}], {}),
        ([{"prompt": "a"}], {"sampleCount": "2"}),
        ([{"prompt": "a"}], {"outputOptions": {"mimeType": "image/jpeg", "compressionQuality": 101}}),
        ([{"prompt": "a"}], {"outputOptions": {"mimeType": "image/jpeg", "compressionQuality": -1}}),
    ],
)
def test_bad_input(deployment: Deployment, instances: Any, parameters: dict[str, Any]) -> None:
    answer = ask(deployment, instances, **parameters)
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
