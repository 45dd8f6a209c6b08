"""Builds the screener for prompts from the settings. The worker adds its image classifier."""

from __future__ import annotations

from ..contract.settings import Settings, SettingsError
from .external_classifiers.build_classifiers import build_text_classifier
from .rules import shipped_policy
from .screener import Screener


def build_prompt_screener(settings: Settings) -> Screener:
    """Returns the screener. Raises SettingsError for a category that does not exist, or may not
    be changed.
    """
    categories = shipped_policy().categories
    for name in settings.safety_verdicts:
        if name not in categories:
            raise SettingsError(f"PLANTAIN_SAFETY_VERDICTS: there is no category {name[:80]}")
        if categories[name].locked:
            raise SettingsError(f"PLANTAIN_SAFETY_VERDICTS: no setting may change {name}")
    return Screener(
        text=build_text_classifier(settings),
        verdicts=dict(settings.safety_verdicts),
        review_blocks=settings.safety_review_blocks,
        fails_closed=settings.fails_closed,
    )
