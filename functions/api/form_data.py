"""Requests as ``multipart/form-data``: text fields and files, within the bounds of every body."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from ..contract.errors import InvalidRequest, PlantainError, RequestTooLarge, UnsupportedMediaType
from ..contract.validation.messages import shown_name
from ..http_edge.body_budget import BoundedBody

FORM = "multipart/form-data"
_MAX_PARTS = 100  # OpenAI's edits have 16 pictures, a mask and some twenty fields
_MAX_FIELD = 512 * 2**10  # bytes of all text fields together
_REPLACED = "\ufffd"  # stands where the parser found bytes that are not UTF-8


@dataclass(frozen=True)
class FormFile:
    """A file of a form. ``filename`` and the type that a client names say little: the bytes decide."""

    name: str
    filename: str
    data: bytes


@dataclass(frozen=True)
class FormData:
    """The parts of a form. A text field is given once, a file as often as the address takes one."""

    fields: dict[str, str]
    files: tuple[FormFile, ...]


def read_form(request: Request, limit: int) -> FormData:
    """Returns the form of a body of at most ``limit`` bytes, sent with a length or chunked.

    Raises UnsupportedMediaType, RequestTooLarge, RequestTimeout, and InvalidRequest for a form that
    ends before its last boundary, for a part without a name, for a text that is not UTF-8, and for a text
    field that is given twice.
    """
    if request.mimetype != FORM or not request.mimetype_params.get("boundary"):
        raise UnsupportedMediaType(f"Send the body as Content-Type: {FORM} with a boundary.")
    if request.content_encoding:
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    body: BoundedBody = request.environ["wsgi.input"]
    body.open(limit)
    data = body.read()
    parser = FormDataParser(
        stream_factory=_new_stream, max_form_memory_size=_MAX_FIELD, max_form_parts=_MAX_PARTS, silent=False
    )
    try:
        _, fields, files = parser.parse(BytesIO(data), FORM, len(data), request.mimetype_params)
    except RequestEntityTooLarge:
        most = f"{_MAX_PARTS} parts and {_MAX_FIELD >> 10} KB of text"
        raise RequestTooLarge(f"A form has {most} at most.") from None
    except PlantainError:
        raise
    except ValueError:
        raise InvalidRequest("The form is not as multipart/form-data has it, or ends too early.") from None
    found = [
        FormFile(name, file.filename or "", file.stream.read()) for name, file in files.items(multi=True)
    ]
    form = FormData({name: _only_value(name, values) for name, values in fields.lists()}, tuple(found))
    _check_parts(form)
    return form


def _only_value(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise InvalidRequest(f"The field {shown_name(name)} is given twice.", field=shown_name(name))
    return values[0]


def _check_parts(form: FormData) -> None:
    """Refuses a part without a name, which the parser lets pass, and a text whose bytes it replaced."""
    if not all((*form.fields, *(file.name for file in form.files))):
        raise InvalidRequest("A part of the form has no name.")
    for name, text in form.fields.items():
        if _REPLACED in text:
            raise InvalidRequest(
                "The text is not UTF-8, or holds the character U+FFFD.", field=shown_name(name)
            )


def _new_stream(*_: object, **__: object) -> IO[bytes]:
    """Returns a file in memory, where the body already is: a disk of an instance is memory as well."""
    return BytesIO()
