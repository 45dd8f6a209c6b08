"""The input of an interaction, in each of its shapes, as the turns of a conversation.

A text, a content, a list of contents, a list of steps, and a list of messages with roles, as clients of 2025
sent them.
"""

from __future__ import annotations

from typing import Any, cast

from ....contract.errors import InvalidRequest
from ....intake.strict_json import parse_model
from ..content_body import ContentTurn

_TEXT, _IMAGE = "text", "image"
_ROLES = {"user_input": "user", "model_output": "model"}
_OTHER_CONTENT = ("audio", "document", "video")
_MOST = 200  # turns, and parts of a turn
_HOW = "Give the input as a text, as contents (text and image) or as steps (user_input and model_output)."


def read_input(given: object) -> list[ContentTurn]:
    """Returns the turns. Steps of other kinds (thoughts, calls of tools) are left out.

    Raises InvalidRequest for other shapes, and for content of the user that is neither text nor a picture.
    """
    if isinstance(given, str):
        return [_turn("user", [{"type": _TEXT, "text": given}], "input")]
    listed = _objects(given if isinstance(given, list) else [given], "input")
    if all(_is_content(each) for each in listed):
        return [_turn("user", listed, "input")]
    steps = [(each, f"input[{n}]") for n, each in enumerate(listed)]
    return [_step_turn(step, field) for step, field in steps if _role_of(step)]


def _objects(given: object, field: str) -> list[dict[str, Any]]:
    listed = cast(list[object], given) if isinstance(given, list) else []
    if not 0 < len(listed) <= _MOST or not all(isinstance(each, dict) for each in listed):
        raise InvalidRequest(_HOW, field=field)
    return cast(list[dict[str, Any]], listed)


def _is_content(given: dict[str, Any]) -> bool:
    return "role" not in given and given.get("type") in (_TEXT, _IMAGE, *_OTHER_CONTENT)


def _role_of(step: dict[str, Any]) -> str | None:
    role = step.get("role")
    if isinstance(role, str):
        return "model" if role in ("model", "assistant") else "user"
    return _ROLES.get(str(step.get("type")))


def _step_turn(step: dict[str, Any], field: str) -> ContentTurn:
    content = step.get("content")
    if isinstance(content, str):
        content = [{"type": _TEXT, "text": content}]
    elif content is None:
        return _turn(_role_of(step), [], field)
    return _turn(
        _role_of(step),
        _objects(content if isinstance(content, list) else [content], f"{field}.content"),
        field,
    )


def _turn(role: str | None, contents: list[dict[str, Any]], field: str) -> ContentTurn:
    parts = [_part_of(each, role, field) for each in contents]
    return parse_model(ContentTurn, {"role": role, "parts": [part for part in parts if part]})


def _part_of(content: dict[str, Any], role: str | None, field: str) -> dict[str, Any] | None:
    kind, mime_type = content.get("type"), content.get("mime_type")
    if kind == _TEXT:
        return {"text": content.get("text")}
    if kind == _IMAGE and content.get("data") is not None:
        return {"inlineData": {"data": content["data"], "mimeType": mime_type}}
    if kind == _IMAGE and content.get("uri") is not None:
        return {"fileData": {"fileUri": content["uri"], "mimeType": mime_type}}
    if kind == _IMAGE:
        raise InvalidRequest("Send an image with its data or its uri.", field=field)
    if role == "user":
        raise InvalidRequest("An interaction here takes text and images: leave the rest out.", field=field)
    return None
