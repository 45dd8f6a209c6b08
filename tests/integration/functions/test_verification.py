"""The place of verification in the API."""

from __future__ import annotations

from functions.contract.document import now
from functions.contract.manifest import Manifest
from functions.contract.states import State
from functions.contract.verification import CredentialsSeen, VerificationFacts
from tests.integration.functions.deployment import Deployment, base64_of, picture

FOUND = VerificationFacts(
    ours=True,
    verdict="untouched",
    summary="This is a picture of ours.",
    altered="no",
    confidence=0.9,
    payload="0123456789abcdef",
    key_version=1,
    credentials=CredentialsSeen(present=False),
)


def asked(deployment: Deployment) -> str:
    """The id of a job that verifies a picture."""
    answer = deployment.post({"task": "verify", "images": [{"data": base64_of(picture(100, 64))}]})
    assert answer.status_code == 202, answer.text
    return answer.json["id"]


def test_any_readable_picture_may_be_asked_about(deployment: Deployment) -> None:
    record = deployment.record(asked(deployment))
    assert (record.width, record.height) == (100, 64)
    assert record.request.picture_count == 0


def test_the_answer_has_an_address_of_its_own(deployment: Deployment) -> None:
    job_id = asked(deployment)
    address = f"/v1/jobs/{job_id}/verification"
    assert deployment.client.get(address).status_code == 404
    record = deployment.claim(job_id)
    ended = Manifest.of(record, State.SUCCEEDED, now(), verification=FOUND)
    deployment.services.committer.settle(deployment.services.committer.commit(ended))
    answer = deployment.client.get(address)
    assert answer.status_code == 200
    assert VerificationFacts.model_validate(answer.json) == FOUND
    assert deployment.job(job_id)["images"] == []


def test_other_jobs_have_no_such_answer(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.succeed(job_id)
    answer = deployment.client.get(f"/v1/jobs/{job_id}/verification")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert "verify" in answer.json["detail"]


def test_more_than_one_picture_or_a_wish_is_refused(deployment: Deployment) -> None:
    one = {"data": base64_of(picture())}
    for body in (
        {"images": [one, one]},
        {"images": []},
        {"images": [one], "prompt": "make it snow"},
        {"images": [one], "size": "1K"},
    ):
        answer = deployment.post({"task": "verify", **body})
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_request")


def test_a_damaged_picture_is_refused_at_the_door(deployment: Deployment) -> None:
    torn = base64_of(picture()[:-20])
    answer = deployment.post({"task": "verify", "images": [{"data": torn}]})
    assert (answer.status_code, answer.json["code"]) == (400, "image_unreadable")
