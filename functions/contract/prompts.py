"""Prompts: plain text of a bounded length."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

MAX_PROMPT = 32_000  # characters
MAX_REGION_PROMPT = 200  # characters: a name, not a description
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # spaces, controls and zero-width characters


def _plain_text(text: str) -> str:
    if all(unicodedata.category(character) in _INVISIBLE for character in text):
        raise ValueError("must say something")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in text):
        raise ValueError("must not contain control characters")
    return text.strip()


Prompt = Annotated[str, StringConstraints(max_length=MAX_PROMPT), AfterValidator(_plain_text)]
RegionPrompt = Annotated[str, StringConstraints(max_length=MAX_REGION_PROMPT), AfterValidator(_plain_text)]
