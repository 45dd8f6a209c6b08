"""ShieldGemma 2 through transformers' own classes."""

from __future__ import annotations

from math import nan
from pathlib import Path

import numpy as np
import pytest

from functions.contract.errors import ModelUnavailable, ScreeningRefused
from functions.policy.external_classifiers.protocol import ClassifierOutput
from worker.screening.picture_preview import encode_for_classifier
from worker.screening.shieldgemma import ShieldGemma

PICTURE = np.random.default_rng(7).random((80, 60, 3), dtype=np.float32)


def test_it_says_of_every_policy_how_likely_the_picture_breaks_it(checkpoint: Path) -> None:
    found = ShieldGemma(checkpoint, device="cpu").probabilities((PICTURE * 255).astype(np.uint8))
    assert list(found) == ["sexual", "violence", "dangerous"]
    assert all(0 < each < 1 for each in found.values())


def likely(monkeypatch: pytest.MonkeyPatch, **probabilities: float) -> ShieldGemma:
    judge = ShieldGemma(Path("unused"), block=0.5, review=0.3)
    each = {"sexual": 0.0, "violence": 0.0, "dangerous": 0.0} | probabilities

    def found(rgb: np.ndarray) -> dict[str, float]:
        return each

    monkeypatch.setattr(judge, "probabilities", found)
    return judge


@pytest.mark.parametrize(
    ("probabilities", "finding"),
    [
        ({"sexual": 0.29, "violence": 0.1}, ClassifierOutput("allow")),
        ({"sexual": 0.3}, ClassifierOutput("review", ("sexual_content",))),
        ({"violence": 0.5, "sexual": 0.4}, ClassifierOutput("block", ("graphic_violence",))),
        (
            {"violence": 0.9, "dangerous": 0.5},
            ClassifierOutput("block", ("graphic_violence", "dangerous_acts")),
        ),
    ],
)
def test_the_probabilities_are_ruled_on(
    monkeypatch: pytest.MonkeyPatch, probabilities: dict[str, float], finding: ClassifierOutput
) -> None:
    assert likely(monkeypatch, **probabilities).classify(encode_for_classifier(PICTURE)) == finding


@pytest.mark.parametrize("broken", [{"dangerous": nan}, {"sexual": nan, "violence": nan, "dangerous": nan}])
def test_what_is_no_number_is_no_permission(
    monkeypatch: pytest.MonkeyPatch, broken: dict[str, float]
) -> None:
    with pytest.raises(ScreeningRefused):
        likely(monkeypatch, **broken).classify(encode_for_classifier(PICTURE))


def test_it_classifies_a_jpeg_file(checkpoint: Path) -> None:
    judge = ShieldGemma(checkpoint, device="cpu", block=1.0, review=1e-9)
    judge.warm_up()
    finding = judge.classify(encode_for_classifier(PICTURE))
    assert finding == ClassifierOutput("review", ("sexual_content", "graphic_violence", "dangerous_acts"))


def test_it_reads_no_prompts(checkpoint: Path) -> None:
    with pytest.raises(ScreeningRefused):
        ShieldGemma(checkpoint).classify("a prompt")


def test_what_is_no_picture_is_no_permission(checkpoint: Path) -> None:
    with pytest.raises(ScreeningRefused):
        ShieldGemma(checkpoint, device="cpu").classify(b"no picture")


def test_a_checkpoint_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="ShieldGemma 2"):
        ShieldGemma(tmp_path / "nowhere", device="cpu").warm_up()
