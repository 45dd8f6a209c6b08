"""The facts of a prompt: what it was understood to ask for."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from .document import DocumentPart


class FigureFacts(DocumentPart):
    """One of the things that a prompt asks for, or several of the same kind."""

    subject: str
    colour: str | None = None
    count: int | None = None  # None: the prompt does not say
    several: bool = False  # the prompt names them in the plural, without a number: "flowers"
    size: Literal["small", "large"] | None = None


class IntentFacts(DocumentPart):
    """The content that a prompt asks for, as it was understood."""

    by: str  # "rules", or the language model's name
    prompt: str  # as the model was given it
    subjects: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    setting: str | None = None
    light: str | None = None
    count: int | None = None
    figures: tuple[FigureFacts, ...] = ()  # the subjects, each with what was said of it
    relation: str | None = None  # where the first figure is, seen from the second: "left of", "above" …
    place: str | None = None
    season: str | None = None
    weather: str | None = None
    style: str | None = None
    mood: str | None = None
    texts: tuple[str, ...] = ()  # to be read in the picture: what the prompt has in quotation marks
    without: tuple[str, ...] = ()  # what must not be seen
    # Words and phrases of the prompt that were not understood, or that the model does not know.
    unrecognized: tuple[str, ...] = ()
    language: str | None = None  # of a prompt that is not English, where it was recognised: "de"
    vocabulary: Literal["scenes"] | None = None  # all that the model can draw; None: not limited to a list
    prompt_truncated: str | None = (
        None  # the end of `prompt`, which was too long for the model's text encoder
    )
    expanded: str | None = None  # a language model's fuller version of the prompt
    rules: IntentFacts | None = None  # what the rules made of the same prompt, where a language model read it
    fallback: str | None = None  # why the configured language model's reading is not here: "timeout" …


def is_unrecognized(name: str, phrases: Collection[str]) -> bool:
    """Returns True if one of the unrecognized phrases has the name, also in the plural.

    Grammar alone shows that "an astronaut riding a horse" has a horse: a model that never saw one does not
    draw it, so it should not be said to be understood.
    """
    named = re.compile(rf"\b{re.escape(name)}(?:e?s)?\b", re.IGNORECASE)
    return any(named.search(phrase) for phrase in phrases)
