"""Parses JSON from outside strictly: what two parsers could understand differently is refused."""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

from pydantic import BaseModel, ValidationError

from ..contract.errors import (
    ImageTooLarge,
    InvalidRequest,
    InvalidWebhook,
    PlantainError,
    UnsupportedFormat,
    UnsupportedSize,
    UnsupportedTask,
)
from ..contract.validation.json_bounds import REQUEST, JsonBounds, check_bounds
from ..contract.validation.messages import explain_fault, field_of, shown_name

Model = TypeVar("Model", bound=BaseModel)

_MAX_FIELDS = 200  # no object of a request has nearly as many; each unknown one costs time to refuse

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

_FAULTS: dict[str, type[PlantainError]] = {
    "task": UnsupportedTask,
    "size": UnsupportedSize,
    "aspect_ratio": UnsupportedSize,
    "width": UnsupportedSize,
    "height": UnsupportedSize,
    "format": UnsupportedFormat,
    "bit_depth": UnsupportedFormat,
    "webhook.url": InvalidWebhook,
}


def parse_json_object(data: bytes, bounds: JsonBounds = REQUEST) -> dict[str, Any]:
    """Returns the object that ``data`` holds. Raises InvalidRequest as ``parse_json``, or if it is not an
    object.
    """
    value = parse_json(data, bounds)
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return cast(dict[str, Any], value)


def parse_json(data: bytes, bounds: JsonBounds = REQUEST) -> object:
    """Returns the JSON value that ``data`` holds.

    Raises InvalidRequest: beyond ``bounds``, not UTF-8, not JSON, NaN or an infinity, a field twice, nested
    too deeply, a number too long, or half of a character.
    """
    files = check_bounds(data, bounds)
    skeleton, by_mark = _without_files(data, files) if files else (data, {})
    try:
        value = json.loads(
            skeleton.decode("utf-8"),
            object_pairs_hook=_unique_fields,
            parse_constant=_no_constant,
            parse_float=_parse_finite,
        )
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8.") from None
    except RecursionError:
        raise InvalidRequest("The JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        where = "" if by_mark else f"Line {error.lineno}, column {error.colno}: "
        raise InvalidRequest(f"{where}{error.msg}.") from None
    except ValueError:
        raise InvalidRequest("A number has too many digits.") from None
    if _SURROGATE.search(skeleton):
        _refuse_surrogates(value)
    return _with_files(value, by_mark) if by_mark else value


def _without_files(data: bytes, files: list[slice]) -> tuple[bytes, dict[str, str]]:
    """Replaces each file by a mark, and returns the files by their marks.

    A parser would copy a file of 28 MB twice, and look at each of its letters. Raises InvalidRequest.
    """
    nonce, start = secrets.token_hex(16), 0
    pieces: list[bytes] = []
    by_mark: dict[str, str] = {}
    for file in files:
        mark = f"{nonce}.{len(by_mark)}"
        pieces += (data[start : file.start], mark.encode())
        by_mark[mark], start = _decode_ascii(data, file), file.stop
    return b"".join((*pieces, data[start:])), by_mark


def _decode_ascii(data: bytes, file: slice) -> str:
    try:
        return str(memoryview(data)[file], "ascii")
    except UnicodeDecodeError:
        raise InvalidRequest("A file's data is not base64.") from None


def _with_files(value: object, by_mark: dict[str, str]) -> object:
    if isinstance(value, str):
        return by_mark.get(value, value)
    if isinstance(value, dict):
        fields = cast(dict[str, object], value)
        return {name: _with_files(inner, by_mark) for name, inner in fields.items()}
    if isinstance(value, list):
        return [_with_files(inner, by_mark) for inner in cast(list[object], value)]
    return value


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > _MAX_FIELDS:
        raise InvalidRequest(f"An object has more than {_MAX_FIELDS} fields.")
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise InvalidRequest(f"The field {shown_name(name)} is given twice.", field=shown_name(name))
        fields[name] = value
    return fields


def _parse_finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidRequest("A number is too large.")
    return number


def _refuse_surrogates(value: object, field: str | None = None) -> None:
    """Refuses a lone surrogate, which only an escape can write: it cannot be stored or hashed."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            message = "A text holds half of a character: a lone surrogate."
            raise InvalidRequest(message, field=field) from None
    elif isinstance(value, dict):
        for name, inner in cast(dict[str, object], value).items():
            _refuse_surrogates(name, field)
            _refuse_surrogates(inner, field or shown_name(name))
    elif isinstance(value, list):
        for inner in cast(list[object], value):
            _refuse_surrogates(inner, field)


def _no_constant(constant: str) -> NoReturn:
    raise InvalidRequest(f"{constant} is not a number in JSON.")


def parse_model(model: type[Model], value: object) -> Model:
    """Returns ``value`` as a ``model``. Raises InvalidRequest, or a more exact error where the
    field has one.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _error_for(error) from None


def _error_for(error: ValidationError) -> PlantainError:
    field, kind = field_of(error), error.errors(include_input=False, include_context=False)[0]["type"]
    found: Callable[..., PlantainError] = _FAULTS.get(field, InvalidRequest)
    if kind == "string_too_long" and field.endswith(".data"):
        found = ImageTooLarge
    if kind == "missing":
        found = InvalidRequest
    return found(explain_fault(error), field=field or None)
