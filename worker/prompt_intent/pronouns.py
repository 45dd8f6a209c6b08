"""The "it" of an instruction: the thing that the request names as the place of its edit."""

from __future__ import annotations

import re

from worker.prompt_intent.figure_rules import ARTICLES
from worker.prompt_intent.intent_rules import read_intent
from worker.prompt_intent.prompt_words import QUOTED, split_tokens, split_words
from worker.prompt_intent.unrecognized import ONE_OF_EACH

_PRONOUN = re.compile(rf"(?:{QUOTED.pattern})|\b(?P<pronoun>it|them)\b(?!['’])", re.IGNORECASE)


def name_pronoun(instruction: str, name: str) -> str:
    """Returns the instruction with the thing's name for its first pronoun.

    For "the red boat" the instruction "make it blue" becomes "make the boat blue". An instruction about
    the whole picture stays as it is ("make it night"), and so does one for a name of no known English thing.
    """
    pronoun = next((found for found in _PRONOUN.finditer(instruction) if found["pronoun"]), None)
    if pronoun is None or not _names_a_thing(name) or _is_about_the_whole(instruction):
        return instruction
    return instruction[: pronoun.start()] + _with_the(name) + instruction[pronoun.end() :]


def _names_a_thing(name: str) -> bool:
    read = read_intent(name)
    return bool(read.subjects) and read.language is None


def _is_about_the_whole(instruction: str) -> bool:
    read = read_intent(instruction, is_edit=True)
    return any(getattr(read, kind) for kind in ONE_OF_EACH)


def _with_the(name: str) -> str:
    """Returns "the boat" for "a red boat": a model that reads two colours may keep the old one."""
    words = split_words(split_tokens(name))
    kept = (word.text for word in words if word.text not in ARTICLES and not word.is_a("colour"))
    return " ".join(["the", *kept])
