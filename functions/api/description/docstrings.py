"""What a handler's docstring says to those who call it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

_SENTENCE = re.compile(r"(?<=[.:])\s+(?=[A-Z`])")


def describe_handler(handler: Callable[..., Any]) -> dict[str, str]:
    """Returns the summary, which is the first sentence, and what follows it; not which errors are raised."""
    paragraphs = (inspect.getdoc(handler) or "").replace("``", "`").split("\n\n")
    texts = [" ".join(_sentences(paragraph)) for paragraph in paragraphs]
    first, *rest = _SENTENCE.split(texts[0], maxsplit=1)
    further = "\n\n".join(text for text in (*rest, *texts[1:]) if text)
    return {"summary": first.rstrip(".").replace("`", "")} | ({"description": further} if further else {})


def _sentences(paragraph: str) -> list[str]:
    found = _SENTENCE.split(" ".join(paragraph.split()))
    return [sentence for sentence in found if not sentence.startswith("Raises ")]
