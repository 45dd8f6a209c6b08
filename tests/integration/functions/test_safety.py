"""What the policy does not allow is refused at the door, and said in one way."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

import pytest

from functions.contract.errors import PlantainError, ScreeningRefused, ScreeningUnavailable
from functions.contract.telemetry.log import JsonLine
from functions.policy import Screener, shipped_policy
from functions.policy.external_classifiers.protocol import ClassifierOutput, Content
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import Deployment, picture
from tests.integration.functions.triggers.test_uploads import job_of, uploaded

PROMPT = "a beheading in a violet gorge"


@dataclass
class Judge:
    finding: ClassifierOutput
    error: PlantainError | None = None
    name: str = "judge"

    def warm_up(self) -> None: ...

    def classify(self, content: Content) -> ClassifierOutput:
        del content
        if self.error:
            raise self.error
        return self.finding


def judged(deployment: Deployment, judge: Judge) -> Deployment:
    return deployment.replace(screener=Screener(text=judge, fails_closed=True))


def asked(prompt: str) -> dict[str, str]:
    return {"task": "generate", "prompt": prompt, "size": "512"}


def test_the_door_says_which_category_under_which_policy_and_what_to_quote(deployment: Deployment) -> None:
    before = deployment.objects()
    answer = deployment.post(asked(PROMPT))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert (answer.json["code"], answer.json["field"]) == ("prompt_blocked", "prompt")
    assert answer.json["retryable"] is False
    block = answer.json["block"]
    assert block["categories"] == ["graphic_violence"]
    assert block["policy_version"] == shipped_policy().version
    assert block["support_code"] in answer.json["detail"]
    assert deployment.objects() == before


def test_the_words_are_neither_repeated_nor_logged(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = deployment.post(asked(PROMPT))
    logged = "\n".join(JsonLine().format(record) for record in caplog.records)
    assert hashlib.sha256(PROMPT.encode()).hexdigest() in logged
    assert answer.json["block"]["support_code"] in logged
    for word in ("beheading", "violet", "gorge"):
        assert word not in logged
        assert word not in answer.text


def test_an_upload_that_is_not_allowed_ends_blocked_with_the_same_facts(deployment: Deployment) -> None:
    record = uploaded(deployment, "boat.png", picture(), {"plantain-prompt": PROMPT})
    assert record is not None
    assert record.state == "blocked"
    manifest = deployment.services.committer.read_manifest(record.id)
    assert manifest is not None
    assert manifest.error is not None
    assert manifest.error.block is not None
    assert manifest.error.block.categories == ("graphic_violence",)
    refused = deployment.post(asked(PROMPT)).json["block"]
    assert manifest.error.block.support_code == refused["support_code"]
    assert deployment.job(record.id)["error"]["block"] == refused


def test_every_wish_in_the_request_is_screened(deployment: Deployment) -> None:
    fields = {"task": "sequence", "prompts": ["a red boat", PROMPT], "size": "512"}
    assert deployment.post(fields).json["code"] == "prompt_blocked"


def test_the_classifier_has_its_word_at_the_door(deployment: Deployment) -> None:
    answer = judged(deployment, Judge(ClassifierOutput("block", ("hate",)))).post(asked("a red boat"))
    assert answer.status_code == 422
    assert answer.json["block"]["categories"] == ["hate"]


def test_a_classifier_that_does_not_answer_lets_nothing_in(deployment: Deployment) -> None:
    closed = judged(deployment, Judge(ClassifierOutput("allow"), ScreeningUnavailable("It is gone.")))
    answer = closed.post(asked("a red boat"))
    assert (answer.status_code, answer.json["code"]) == (503, "screening_unavailable")
    assert answer.json["retryable"] is True
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize("error", [ScreeningUnavailable("gone"), ScreeningRefused("no role")])
def test_an_upload_waits_for_its_classifier(deployment: Deployment, error: PlantainError) -> None:
    """The event comes again: the upload is not to blame."""
    closed = judged(deployment, Judge(ClassifierOutput("allow"), error))
    event = closed.upload("boat.png", picture(), {"plantain-prompt": "make it snow"})
    with pytest.raises(type(error)):
        on_upload(closed.services, event)
    assert job_of(closed, "boat.png") is None
