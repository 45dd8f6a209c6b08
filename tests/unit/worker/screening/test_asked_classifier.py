"""A classifier is asked before anything is drawn for it to look at, and no more often than that needs."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from functions.contract.errors import PlantainError, ScreeningRefused, ScreeningUnavailable
from functions.policy.external_classifiers.protocol import ClassifierOutput, Content
from worker.screening.asked_classifier import AskedClassifier


@dataclass
class Judge:
    error: PlantainError | None = None
    asked: list[Content] = field(default_factory=list[Content])
    warm: bool = False
    name: str = "judge"

    def warm_up(self) -> None:
        self.warm = True

    def classify(self, content: Content) -> ClassifierOutput:
        self.asked.append(content)
        if self.error:
            raise self.error
        return ClassifierOutput("allow")


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def classifier(judge: Judge, clock: Clock) -> AskedClassifier:
    return AskedClassifier(judge, clock)


def test_it_is_asked_once_at_the_start_about_a_small_picture(
    judge: Judge, classifier: AskedClassifier
) -> None:
    classifier.warm_up()
    assert judge.warm
    (asked,) = judge.asked
    assert isinstance(asked, bytes)
    assert asked.startswith(b"\xff\xd8")
    assert len(asked) < 2_000
    assert classifier.name == "judge"


def test_one_that_refuses_keeps_the_worker_from_starting(judge: Judge, classifier: AskedClassifier) -> None:
    judge.error = ScreeningRefused("the model is gone")
    with pytest.raises(ScreeningRefused):
        classifier.warm_up()


def test_one_that_is_away_for_the_moment_does_not(judge: Judge, classifier: AskedClassifier) -> None:
    judge.error = ScreeningUnavailable()
    classifier.warm_up()
    with pytest.raises(ScreeningUnavailable):
        classifier.check_answers()


def test_it_is_asked_again_only_after_a_long_silence(
    judge: Judge, clock: Clock, classifier: AskedClassifier
) -> None:
    classifier.warm_up()
    for clock.seconds in (1.0, 299.0):
        classifier.check_answers()
    assert len(judge.asked) == 1
    classifier.classify(b"a picture")
    clock.seconds = 598.0
    classifier.check_answers()
    assert len(judge.asked) == 2
    clock.seconds = 600.0
    classifier.check_answers()
    assert len(judge.asked) == 3


def test_a_refusal_is_known_before_the_next_job(judge: Judge, classifier: AskedClassifier) -> None:
    classifier.warm_up()
    judge.error = ScreeningRefused("the model is gone")
    with pytest.raises(ScreeningRefused):
        classifier.classify(b"a picture")
    with pytest.raises(ScreeningRefused):
        classifier.check_answers()
    judge.error = None
    classifier.check_answers()
