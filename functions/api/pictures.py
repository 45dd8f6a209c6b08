"""Pictures in the body of a request, as clients write them in base64."""

from __future__ import annotations

import base64
import binascii
import re

from ..contract.errors import ImageUnreadable
from ..contract.request import ImageInput
from ..intake.strict_json import parse_model

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")
_SPACE = re.compile(r"\s")


def picture_from_base64(text: str, field: str) -> ImageInput:
    """Returns the picture that ``text`` holds: base64 of either alphabet, padded or not, or a ``data:`` URL.

    The type that a client names is not believed: the bytes decide, at admission. Raises ImageUnreadable for
    text that is not base64 or mixes its two alphabets, and ImageTooLarge. The error names ``field``.
    """
    found = _DATA_URL.match(text)
    letters = text[found.end() :] if found else text
    if _SPACE.search(letters):
        letters = "".join(letters.split())
    if ("-" in letters or "_" in letters) and ("+" in letters or "/" in letters):
        raise ImageUnreadable("The picture mixes the two alphabets of base64.", field=field)
    letters = letters.translate(_URL_SAFE).rstrip("=")
    letters += "=" * (-len(letters) % 4)
    try:
        if not base64.b64decode(letters, validate=True):
            raise ImageUnreadable("The picture is empty.", field=field)
    except (binascii.Error, ValueError):
        raise ImageUnreadable("The picture is not base64.", field=field) from None
    return parse_model(ImageInput, {"data": letters})


def picture_from_bytes(data: bytes, field: str) -> ImageInput:
    """Returns the picture of a file. Raises ImageUnreadable for an empty one, and ImageTooLarge."""
    if not data:
        raise ImageUnreadable("The file is empty.", field=field)
    return parse_model(ImageInput, {"data": base64.b64encode(data).decode()})
