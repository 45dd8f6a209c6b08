"""The policy and its classifiers, and what becomes of what they find."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field

import pytest

from functions.contract.errors import (
    ImageBlocked,
    NotScreened,
    PlantainError,
    PromptBlocked,
    ScreeningRefused,
    ScreeningUnavailable,
)
from functions.contract.telemetry.log import JsonLine
from functions.policy import Screener, raise_if_blocked, shipped_policy
from functions.policy.external_classifiers.protocol import ClassifierOutput, Content

JPEG = b"\xff\xd8 a picture"
ALLOWED = ClassifierOutput("allow")


@dataclass
class Judge:
    """A classifier that finds what it is told to, or fails."""

    finding: ClassifierOutput = ALLOWED
    error: PlantainError | None = None
    seen: list[Content] = field(default_factory=list[Content])
    name: str = "judge"

    def warm_up(self) -> None: ...

    def classify(self, content: Content) -> ClassifierOutput:
        self.seen.append(content)
        if self.error:
            raise self.error
        return self.finding


def test_the_classifier_is_asked_after_the_policy() -> None:
    judge = Judge(ClassifierOutput("block", ("hate",)))
    ours, theirs = Screener(text=judge).prompt("a red boat")
    assert (ours.by, ours.verdict) == ("policy", "allow")
    assert (theirs.by, theirs.verdict, theirs.categories) == ("judge", "block", ("hate",))


@pytest.mark.parametrize("prompt", ["a nude child", None, ""])
def test_what_is_blocked_or_empty_is_shown_to_no_other(prompt: str | None) -> None:
    judge = Judge()
    assert len(Screener(text=judge).prompt(prompt)) == 1
    assert judge.seen == []


@pytest.mark.parametrize("error", [ScreeningUnavailable("gone"), ScreeningRefused("no role")])
def test_a_classifier_that_fails_stops_what_fails_closed(error: PlantainError) -> None:
    with pytest.raises(type(error)):
        Screener(text=Judge(error=error), fails_closed=True).prompt("a red boat")
    with pytest.raises(type(error)):
        Screener(image=Judge(error=error), fails_closed=True).picture(JPEG, "picture 0")


def test_otherwise_the_verdict_says_that_it_did_not_see_it() -> None:
    judge = Judge(error=ScreeningUnavailable("gone"))
    assert [each.verdict for each in Screener(text=judge).prompt("a red boat")] == ["allow", "not_classified"]
    found = Screener(image=judge).picture(JPEG, "picture 0")
    assert (found.subject, found.by, found.verdict) == ("picture 0", "judge", "not_classified")


def test_without_a_classifier_pictures_stay_where_it_fails_closed() -> None:
    assert Screener().picture(JPEG, "picture 0").verdict == "not_classified"
    with pytest.raises(NotScreened):
        Screener(fails_closed=True).picture(JPEG, "picture 0")


def test_review_goes_on_unless_the_deployment_says_otherwise() -> None:
    prompt = "a naked woman on a beach"
    assert Screener().prompt(prompt)[0].verdict == "review"
    assert Screener(review_blocks=True).prompt(prompt)[0].verdict == "block"
    judge = Judge(ClassifierOutput("review", ("hate",)))
    assert Screener(image=judge, review_blocks=True).picture(JPEG, "picture 0").verdict == "block"


def test_what_is_screened_is_said_by_its_subject() -> None:
    found = Screener(text=Judge()).prompt("a red boat", subject="expansion 0")
    assert [each.subject for each in found] == ["expansion 0", "expansion 0"]


def test_the_policy_alone_is_taken_as_strictly() -> None:
    judge = Judge()
    prompt = "a naked woman on a beach"
    assert Screener(text=judge).policy(prompt).verdict == "review"
    assert Screener(text=judge, review_blocks=True).policy(prompt).verdict == "block"
    assert Screener(text=judge, verdicts={"nudity": "block"}).policy(prompt).verdict == "block"
    assert judge.seen == []


def test_the_door_names_categories_policy_and_a_code_to_quote() -> None:
    with pytest.raises(PromptBlocked) as caught:
        Screener().admit("a beheading")
    block = caught.value.block
    assert block is not None
    assert block.categories == ("graphic_violence",)
    assert block.policy_version == shipped_policy().version
    assert block.support_code in caught.value.message
    assert caught.value.facts("screen").block == block
    assert (caught.value.status, caught.value.field, caught.value.retryable) == (422, "prompt", False)


def code(screener: Screener, prompt: str) -> str:
    with pytest.raises(PromptBlocked) as caught:
        screener.admit(prompt)
    assert caught.value.block is not None
    return caught.value.block.support_code


def test_a_code_stands_for_one_prompt_however_often_it_is_tried() -> None:
    assert code(Screener(), "a beheading") == code(Screener(), "a beheading")
    assert code(Screener(), "a beheading") != code(Screener(), "a beheading!")


def lines(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(JsonLine().format(record) for record in caplog.records)


@pytest.mark.parametrize("event", ["policy.blocked", "policy.review"])
def test_the_log_has_the_hash_and_never_the_words(caplog: pytest.LogCaptureFixture, event: str) -> None:
    prompt = {"policy.blocked": "a beheading at noon", "policy.review": "a naked woman at noon"}[event]
    caplog.set_level(logging.INFO, "plantain")
    refused = ""
    try:
        Screener().admit(prompt)
    except PromptBlocked as error:
        refused = error.message
    (line,) = [json.loads(line) for line in lines(caplog).splitlines()]
    assert line["message"] == event
    assert line["sha256"] == hashlib.sha256(prompt.encode()).hexdigest()
    assert line["policy_version"] == shipped_policy().version
    for word in ("beheading", "naked", "noon"):
        assert word not in lines(caplog)
        assert word not in refused


def test_a_picture_is_refused_in_the_same_way(caplog: pytest.LogCaptureFixture) -> None:
    found = Screener(image=Judge(ClassifierOutput("block", ("hate",)))).picture(JPEG, "picture 1")
    with pytest.raises(ImageBlocked, match="hate"):
        raise_if_blocked([found], JPEG, ImageBlocked)
    assert hashlib.sha256(JPEG).hexdigest() in lines(caplog)
