"""The part of a prompt that a text encoder does not get, because its tokens are limited."""

from __future__ import annotations

from typing import Any


def unread_end(tokenizer: Any, prompt: str, limit: int, text: str | None = None) -> str | None:
    """Returns the end of ``prompt`` that ``limit`` tokens do not reach; None if they hold all of it.

    ``text`` is the prompt in the model's template. A tokenizer that cannot tell where its tokens are (a slow
    one) is taken to hold everything.
    """
    if not getattr(tokenizer, "is_fast", False) or limit < 1:
        return None
    asked, text = prompt.strip(), prompt if text is None else text
    places = tokenizer(text, truncation=True, max_length=limit, return_offsets_mapping=True)["offset_mapping"]
    end = max((last for _, last in places), default=0)
    return asked[max(0, end - max(0, text.find(asked))) :].strip() or None
