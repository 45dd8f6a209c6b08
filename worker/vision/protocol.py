"""The protocol of the vision tools: scores, regions, suggestions and the light of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from functions.contract.intent_facts import IntentFacts
from functions.contract.manifest import SuggestionFacts
from worker.engines.protocol import Mask, Picture


@dataclass(frozen=True)
class Score:
    """A measure of how well a picture shows what was asked for."""

    value: float | None
    """From 0 to 1, of what could be checked. None: nothing could."""
    by: str
    """The name of the critic."""
    reasons: tuple[str, ...] = ()
    """What is wrong."""
    repairs: tuple[str, ...] = ()
    """Instructions that would mend it, as far as an edit can."""
    unchecked: tuple[str, ...] = ()
    """What was asked for and could not be checked."""
    coverage: float = 1.0
    """The share of what was asked for that could be checked."""

    @property
    def rank(self) -> float:
        """Returns the value by which drawings are compared. Where nothing was checked, nothing is wrong."""
        return 1.0 if self.value is None else self.value

    @property
    def reported(self) -> float | None:
        """Returns the score that the manifest tells: it is 1 only if everything asked for was seen."""
        return None if self.value is None else self.value * self.coverage

    def facts(self) -> dict[str, object]:
        """Returns the fields of an attempt that say what the critic said."""
        return {
            "score": None if self.reported is None else round(self.reported, 4),
            "reasons": self.reasons,
            "unchecked": self.unchecked,
            "by": self.by,
        }


@dataclass(frozen=True)
class BeforeEdit:
    """The picture that an edit started from, and where it might change (None: anywhere)."""

    picture: Picture
    mask: Mask | None = None


class Critic(Protocol):
    """Judges pictures."""

    name: str

    def score(self, picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None) -> Score:
        """Scores a picture, before it is composited, against the intent that was read from the prompt."""
        ...


@dataclass(frozen=True)
class FoundRegion:
    """The place at which a picture shows a named thing."""

    mask: Mask
    """As large as the picture; 1 where the thing is."""
    by: str
    """The name of the finder."""
    unrecognized: tuple[str, ...] = ()
    """The words of the name that the finder does not know."""
    is_guess: bool = False
    """True for the most prominent thing, where the finder knows nothing of what the name says."""


class Finder(Protocol):
    """Finds named things in pictures."""

    name: str

    def find(self, picture: Picture, words: str) -> FoundRegion | None:
        """Returns where the picture shows what ``words`` name; None if it is absent or cannot be told.

        A guess serves those who need any place, such as the typesetter. An edit must not follow it.
        """
        ...


@dataclass(frozen=True)
class Suggestions:
    """Three to six edits, the best first."""

    by: str
    """The name of the suggester."""
    edits: tuple[SuggestionFacts, ...]


class Suggester(Protocol):
    """Suggests edits."""

    name: str

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        """Suggests edits of the picture, or of the region of it (1 inside)."""
        ...


@dataclass(frozen=True)
class Light:
    """The light that a picture shows: its name, and how a prompt says it."""

    name: str
    words: str


class VisionTools(Protocol):
    """Chooses the vision tools for the pictures of each model."""

    def light(self, model: str, picture: Picture) -> Light | None:
        """Returns the light of a picture that the model is to continue; None if it cannot be told."""
        ...

    def critic(self, model: str) -> Critic:
        """Returns the critic of what the model draws."""
        ...

    def finder(self, model: str) -> Finder:
        """Returns the finder of named things in pictures that the model is to change."""
        ...

    def suggester(self, model: str) -> Suggester:
        """Returns the suggester of edits for the model to make."""
        ...
