"""The protocol of classifiers: the same for prompts and for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...contract.policy_decision import Decision

Content = str | bytes
"""A prompt, or a picture as a JPEG file."""


@dataclass(frozen=True)
class ClassifierOutput:
    """The decision of a classifier. ``categories`` are the policy's names, where it knows them."""

    ruling: Decision
    categories: tuple[str, ...] = ()


class Classifier(Protocol):
    """A classifier. ``name`` is recorded in the manifest."""

    @property
    def name(self) -> str: ...

    def warm_up(self) -> None:
        """Loads what it needs. Raises ModelUnavailable."""
        ...

    def classify(self, content: Content) -> ClassifierOutput:
        """Classifies a prompt or a picture.

        Raises ScreeningUnavailable when another try can help, and ScreeningRefused when it cannot.
        """
        ...
