"""The worker's screener, as its settings describe it."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.contract.settings import SettingsError
from functions.policy.external_classifiers.gemini import GeminiClassifier
from worker.screening.asked_classifier import AskedClassifier
from worker.screening.build_screener import build_screener
from worker.screening.shieldgemma import ShieldGemma
from worker.settings import WorkerSettings


def settings(**variables: str) -> WorkerSettings:
    return WorkerSettings.from_environment(
        {
            "GOOGLE_CLOUD_PROJECT": "p",
            "PLANTAIN_UPLOADS_BUCKET": "uploads",
            "PLANTAIN_RESULTS_BUCKET": "results",
            "PLANTAIN_JOBS_BUCKET": "jobs",
            **{f"PLANTAIN_{name.upper()}": value for name, value in variables.items()},
        }
    )


def test_in_production_a_worker_without_an_image_classifier_does_not_start() -> None:
    with pytest.raises(SettingsError, match="PLANTAIN_IMAGE_CLASSIFIER"):
        build_screener(settings())


def test_unless_it_is_asked_for() -> None:
    screener = build_screener(settings(safety_fail_closed="false"))
    assert (screener.image, screener.fails_closed) == (None, False)


def test_the_laptop_needs_none() -> None:
    assert build_screener(settings(profile="local")).image is None


def test_shieldgemma_needs_its_directory(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PLANTAIN_SHIELDGEMMA"):
        build_screener(settings(image_classifier="shieldgemma"))
    chosen = settings(image_classifier="shieldgemma", shieldgemma=str(tmp_path))
    assert isinstance(build_screener(chosen).image, ShieldGemma)


def test_gemini_needs_a_model() -> None:
    with pytest.raises(SettingsError, match="CLASSIFIER_MODEL"):
        build_screener(settings(image_classifier="gemini"))
    chosen = settings(image_classifier="gemini", classifier_model="gemini-of-the-test")
    screener = build_screener(chosen)
    assert isinstance(screener.image, AskedClassifier)
    assert screener.image.name == "gemini:gemini-of-the-test"


def test_one_that_is_passed_over_when_it_fails_is_not_asked_first() -> None:
    chosen = settings(
        image_classifier="gemini", classifier_model="gemini-of-the-test", safety_fail_closed="false"
    )
    assert isinstance(build_screener(chosen).image, GeminiClassifier)
