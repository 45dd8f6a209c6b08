"""Finds in a conversation what is asked for now: the words that no picture has answered yet, and the pictures
that they are about.

The models here draw from one prompt. Words that led to a picture are in that picture; the words of the user
since then are the prompt.
"""

from __future__ import annotations

from ...contract.errors import InvalidRequest
from ...contract.prompts import MAX_PROMPT
from .content_body import ContentPart, ContentTurn

_USER = (None, "", "user")


def read_instructions(contents: list[ContentTurn], system: ContentTurn) -> str:
    """Returns the prompt: the words of the user's turns that no picture has answered, oldest first, after the
    system's.

    What does not fit a prompt is left out, whole turns at a time, beginning with the system's and the oldest.
    Raises InvalidRequest if the last turn is not the user's, or there are no words.
    """
    last = contents[-1] if contents else ContentTurn()
    turns = [_words_of(turn) for turn in contents[_first_open_turn(contents) :] if turn.role in _USER]
    if last.role not in _USER or not any(turns):
        raise InvalidRequest(
            "Say in the last turn, as the user, what the picture shows or what to change.", field="contents"
        )
    return _join_newest([_words_of(system), *turns])


def _first_open_turn(contents: list[ContentTurn]) -> int:
    """Returns the first turn whose words are about the last pictures, or, without any, about a new one."""
    with_pictures = [n for n, turn in enumerate(contents) if any(_has_picture(part) for part in turn.parts)]
    if not with_pictures:
        return 0
    newest = with_pictures[-1]
    if contents[newest].role not in _USER:
        return newest + 1
    return with_pictures[-2] + 1 if len(with_pictures) > 1 else 0


def _join_newest(texts: list[str]) -> str:
    kept: list[str] = []
    left = MAX_PROMPT
    for text in reversed([text for text in texts if text]):
        if kept and len(text) + 1 > left:
            break
        kept.append(text)
        left -= len(text) + 1
    return "\n".join(reversed(kept))


def _words_of(turn: ContentTurn) -> str:
    return "\n".join(part.text for part in turn.parts if part.text and not part.thought).strip()


def find_pictures(contents: list[ContentTurn]) -> list[tuple[ContentPart, str]]:
    """Returns the pictures of the last turn that has any, each with the name of its field."""
    for n, turn in reversed(list(enumerate(contents))):
        found = [
            (part, f"contents[{n}].parts[{m}]") for m, part in enumerate(turn.parts) if _has_picture(part)
        ]
        if found:
            return found
    return []


def _has_picture(part: ContentPart) -> bool:
    return bool(part.inline_data or part.file_data) and not part.thought
