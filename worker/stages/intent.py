"""Intent: what the prompt asks for, by rules and a small gazetteer."""

from __future__ import annotations

import re
from itertools import pairwise

from functions.contract.manifest import IntentFacts
from worker.stages.gazetteer import COLOURS, COUNTS, LIGHTS, SETTINGS, SUBJECTS
from worker.stages.work import Work


def intent(work: Work) -> Work:
    work.intent = understand(work.request.prompt or "")
    return work


def understand(prompt: str) -> IntentFacts:
    """The subjects, colours, setting, light and count that a prompt names, in the order of its words."""
    words = re.findall(r"[a-z]+|\d+", prompt.lower())
    phrases = words + [f"{one} {two}" for one, two in pairwise(words)]
    return IntentFacts(
        by="rules",
        prompt=prompt,
        subjects=tuple(_named(phrases, SUBJECTS)),
        colours=tuple(_named(words, COLOURS)),
        setting=next(iter(_named(phrases, SETTINGS)), None),
        light=next(iter(_named(phrases, LIGHTS)), None),
        count=next((COUNTS[word] for word in words if word in COUNTS), None),
    )


def _named(phrases: list[str], gazetteer: dict[str, str]) -> list[str]:
    """What the gazetteer knows among the phrases, each once."""
    return list(dict.fromkeys(gazetteer[phrase] for phrase in phrases if phrase in gazetteer))
