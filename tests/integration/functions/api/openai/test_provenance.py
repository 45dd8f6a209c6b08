"""Provenance checks: the task ``verify``, in OpenAI's words."""

from __future__ import annotations

import io
from typing import Any

import pytest

from functions.contract.document import now
from functions.contract.verification import CredentialsSeen, VerificationFacts
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
OURS = {
    "ours": True,
    "verdict": "untouched",
    "summary": "Ours.",
    "altered": "no",
    "confidence": 0.9,
    "payload": "0123456789abcdef",
    "key_version": 1,
}
FOREIGN = {
    "ours": False,
    "verdict": "foreign",
    "summary": "Not ours.",
    "altered": "unknown",
    "confidence": 0.0,
}


def check(deployment: Deployment, name: str = "file") -> Answer:
    file = (io.BytesIO(picture()), "a.png", "image/png")
    return deployment.client.post("/v1/content_provenance_checks", data={name: file}, headers=PYTHON)


def verdict(seen: dict[str, Any], **facts: Any) -> VerificationFacts:
    return VerificationFacts.model_validate({**facts, "credentials": CredentialsSeen.model_validate(seen)})


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ({"present": True, "signature_valid": True, "trusted": True, "altered": False}, "trusted"),
        ({"present": True, "signature_valid": True, "trusted": None, "altered": False}, "valid"),
        ({"present": True, "signature_valid": True, "trusted": True, "altered": True}, "invalid"),
        ({"present": True, "signature_valid": False, "trusted": False, "altered": False}, "invalid"),
    ],
)
def test_a_picture_of_ours_has_both_signals(deployment: Deployment, seen: dict[str, Any], state: str) -> None:
    with painting(deployment):
        drawn = deployment.generate()
    at = now()
    found = verdict({**seen, "issuer": "Plantain", "signed_at": at}, **OURS, job_id=drawn, made=at)
    with painting(deployment, facts={"verification": found}) as painter:
        answer = check(deployment)
    assert answer.status_code == 200, answer.text
    assert painter.drawn[-1].request.task == "verify"
    credentials, watermark = answer.json["results"]
    assert (credentials["type"], credentials["outcome"]) == ("c2pa", "detected")
    assert (credentials["validation_state"], credentials["issuer"]) == (state, "Plantain")
    assert (watermark["type"], watermark["outcome"], watermark["model"]) == ("synthid", "detected", "mock")
    assert watermark["generated_at"].startswith(str(at.year))


def test_a_foreign_picture_has_neither(deployment: Deployment) -> None:
    with painting(deployment, facts={"verification": verdict({"present": False}, **FOREIGN)}):
        answer = check(deployment)
    assert answer.json["object"] == "content_provenance_check"
    credentials, watermark = answer.json["results"]
    assert (credentials["outcome"], credentials["validation_state"]) == ("not_detected", "not_present")
    assert (watermark["outcome"], watermark["model"]) == ("not_detected", None)


def test_another_part_of_the_form_is_named(deployment: Deployment) -> None:
    answer = check(deployment, "picture")
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "picture")


def test_no_file_is_named(deployment: Deployment) -> None:
    answer = deployment.client.post("/v1/content_provenance_checks", data={}, headers=PYTHON)
    assert answer.status_code in (400, 415)
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
