"""Builds the classifiers that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...contract.errors import ScreeningRefused, ScreeningUnavailable
from ...contract.settings import Settings, SettingsError
from ..rules import shipped_policy
from .protocol import Classifier

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from .gemini import GeminiClassifier

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def build_text_classifier(settings: Settings) -> Classifier | None:
    """Returns the classifier of prompts, or None. Raises SettingsError for one that lacks a setting."""
    match settings.text_classifier:
        case None:
            return None
        case "gemini":
            return build_gemini_classifier(settings)
        case "model_armor":
            if settings.model_armor_template is None:
                raise SettingsError("PLANTAIN_MODEL_ARMOR_TEMPLATE must name the template to screen with")
            # Imported here: its HTTP client loads slowly, and most functions have no classifier.
            from .model_armor import ModelArmorClassifier

            return ModelArmorClassifier(
                settings.model_armor_template,
                token=_our_token() if settings.model_armor_url is None else lambda: "none",
                seconds=settings.classifier_seconds,
                url=settings.model_armor_url,
            )


def build_gemini_classifier(settings: Settings) -> GeminiClassifier:
    """Returns the Gemini classifier. Raises SettingsError without a model's name, or without its
    client library.
    """
    if settings.classifier_model is None:
        raise SettingsError("PLANTAIN_CLASSIFIER_MODEL must name the Gemini model that classifies")
    if find_spec("google.genai") is None:
        raise SettingsError("a Gemini classifier needs the package google-genai, which is not installed")
    from .gemini import GeminiClassifier

    return GeminiClassifier(
        settings.classifier_model,
        categories=tuple(shipped_policy().categories),
        seconds=settings.classifier_seconds,
        project=settings.project,
        location=settings.classifier_location,
        key=settings.classifier_key,
        url=settings.classifier_url,
    )


def _our_token() -> Callable[[], str]:
    """Returns a function that returns a fresh access token of this process's identity."""

    @cache
    def credentials() -> Credentials:
        import google.auth

        return google.auth.default(scopes=[_SCOPE])[0]

    def token() -> str:
        from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
        from google.auth.transport.requests import Request

        try:
            ours = credentials()
            if not ours.valid:
                ours.refresh(Request())
        except DefaultCredentialsError:
            raise ScreeningRefused("We have no identity that Model Armor knows.") from None
        except GoogleAuthError:  # a RefreshError too: the metadata server may be back in a moment
            raise ScreeningUnavailable("Our own identity could not be proved just now.") from None
        return str(ours.token)

    return token
