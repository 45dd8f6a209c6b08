"""A conversation in chat completions and responses: what is asked for last, and the pictures so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from ...contract.errors import InvalidRequest

_TEXTS = ("text", "input_text", "output_text")
_PICTURES = ("image_url", "input_image", "output_image")
_MADE = "image_generation_call"


@dataclass
class Turn:
    """One message: its text, and its pictures as they were given, not read yet."""

    role: str
    texts: list[str] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Conversation:
    """What the user asks for last, and the pictures to start from: the user's own, or else the last one
    before.
    """

    prompt: str
    pictures: tuple[dict[str, Any], ...]


def read_conversation(messages: Iterable[object], param: str) -> Conversation:
    """Returns what a list of messages asks for. The system's messages are for models that write, and are left
    out.

    Raises InvalidRequest, naming ``param``, where the last message of the user has no text.
    """
    turns = [_read_turn(message, f"{param}[{n}]") for n, message in enumerate(messages)]
    last = next((n for n in reversed(range(len(turns))) if turns[n].role == "user"), None)
    prompt = "\n".join(turns[last].texts).strip() if last is not None else ""
    if last is None or not prompt:
        raise InvalidRequest("Say in the last message of the user what to draw or to change.", field=param)
    if turns[last].pictures:
        return Conversation(prompt, tuple(turns[last].pictures))
    earlier = [picture for turn in turns[:last] for picture in turn.pictures]
    return Conversation(prompt, tuple(earlier[-1:]))


def _read_turn(message: object, param: str) -> Turn:
    if not isinstance(message, dict):
        raise InvalidRequest("A message is an object.", field=param)
    fields = cast(dict[str, Any], message)
    if fields.get("type") == _MADE:
        return Turn("assistant", pictures=[fields])
    turn = Turn(str(fields.get("role", "")))
    content = fields.get("content")
    if isinstance(content, str):
        turn.texts.append(content)
    parts = content if isinstance(content, list) else []
    for part in (*cast(list[object], parts), *cast(list[object], fields.get("images") or [])):
        _add_part(turn, part, param)
    return turn


def _add_part(turn: Turn, part: object, param: str) -> None:
    if not isinstance(part, dict):
        raise InvalidRequest("A part of a message is an object.", field=param)
    fields = cast(dict[str, Any], part)
    if fields.get("type") in _TEXTS and isinstance(fields.get("text"), str):
        turn.texts.append(fields["text"])
    elif fields.get("type") in _PICTURES:
        turn.pictures.append(fields)
    elif turn.role == "user":
        raise InvalidRequest("A message holds text and pictures: other parts are not read here.", field=param)
