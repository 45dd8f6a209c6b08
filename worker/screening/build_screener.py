"""Builds the screener that the worker's settings describe."""

from __future__ import annotations

from dataclasses import replace

from functions.contract.settings import SettingsError
from functions.policy import Screener
from functions.policy.build_screener import build_prompt_screener
from functions.policy.external_classifiers.build_classifiers import build_gemini_classifier
from functions.policy.external_classifiers.protocol import Classifier
from worker.screening.asked_classifier import AskedClassifier
from worker.screening.shieldgemma import ShieldGemma
from worker.settings import WorkerSettings


def build_screener(settings: WorkerSettings) -> Screener:
    """Returns the screener. Raises SettingsError if it fails closed and has no image classifier."""
    screener = build_prompt_screener(settings)
    screener = replace(screener, image=_image_classifier(settings, screener.fails_closed))
    if screener.fails_closed and screener.image is None:
        raise SettingsError(
            "PLANTAIN_IMAGE_CLASSIFIER is not set, and what was not screened does not leave: name one, or set"
            " PLANTAIN_SAFETY_FAIL_CLOSED to false"
        )
    return screener


def _image_classifier(settings: WorkerSettings, fails_closed: bool) -> Classifier | None:
    match settings.image_classifier:
        case None:
            return None
        case "gemini":
            return (
                AskedClassifier(build_gemini_classifier(settings))
                if fails_closed
                else build_gemini_classifier(settings)
            )
        case "shieldgemma":
            if settings.shieldgemma is None:
                raise SettingsError("PLANTAIN_SHIELDGEMMA must name the directory of the checkpoint")
            return ShieldGemma(
                settings.shieldgemma,
                device=settings.device,
                block=settings.shieldgemma_block,
                review=min(settings.shieldgemma_review, settings.shieldgemma_block),
            )
