"""What every classifier is asked, and may answer: one question for prompts and pictures alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...contract.policy_decision import Decision

Content = str | bytes
"""A prompt, or a picture as a JPEG file."""


@dataclass(frozen=True)
class ClassifierOutput:
    """``categories`` are named as the policy names them, where it knows them."""

    ruling: Decision
    categories: tuple[str, ...] = ()


class Classifier(Protocol):
    """``name`` goes to the manifest."""

    @property
    def name(self) -> str: ...

    def warm_up(self) -> None:
        """Loads what it needs. Raises ModelUnavailable."""
        ...

    def classify(self, content: Content) -> ClassifierOutput:
        """Raises ScreeningUnavailable when another try can help, and ScreeningRefused when it cannot."""
        ...
