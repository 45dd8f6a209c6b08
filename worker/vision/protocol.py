"""What the stages ask of whoever looks at pictures, and nothing about how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from functions.contract.manifest import IntentFacts, SuggestionFacts
from worker.engines.protocol import Mask, Picture


@dataclass(frozen=True)
class Score:
    """How well a picture does what was asked.

    ``value`` is in 0–1. ``reasons`` are what is wrong, and ``repairs`` the instructions that would mend it,
    where there are such. ``by`` is who says so.
    """

    value: float
    by: str
    reasons: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Before:
    """What an edit started from: the picture, and where it might change (None: anywhere)."""

    picture: Picture
    mask: Mask | None = None


class Critic(Protocol):
    name: str

    def score(self, picture: Picture, intent: IntentFacts | None, before: Before | None = None) -> Score:
        """Judges a picture, before it is composited, against what was understood of the prompt."""
        ...


@dataclass(frozen=True)
class Found:
    mask: Mask  # of the picture's size; 1 where the named thing is
    by: str


class Finder(Protocol):
    name: str

    def find(self, picture: Picture, words: str) -> Found | None:
        """Where the picture shows what the words name; None where it does not, or nobody can tell."""
        ...


@dataclass(frozen=True)
class Suggestions:
    """Three to six edits, the best first."""

    by: str
    edits: tuple[SuggestionFacts, ...]


class Suggester(Protocol):
    name: str

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        """Edits that make sense for the picture, or for the region of it (1 inside)."""
        ...


@dataclass(frozen=True)
class Light:
    """The light that a picture shows: its name, and how a prompt says it."""

    name: str
    words: str


class Eyes(Protocol):
    """Who looks at the pictures of which model."""

    def light(self, model: str, picture: Picture) -> Light | None:
        """Returns the light of a picture that the model is to continue; None where nobody can tell."""
        ...

    def critic(self, model: str) -> Critic:
        """Who judges what the model draws."""
        ...

    def finder(self, model: str) -> Finder:
        """Who finds what a name means in the pictures that the model is to change."""
        ...

    def suggester(self, model: str) -> Suggester:
        """Who suggests edits for the model to make."""
        ...
