"""The pictures that JSON names: `data:` URLs, bare base64 and https addresses."""

from __future__ import annotations

import base64
from typing import cast

from ...contract.errors import ImageTooLarge, InvalidRequest
from ...contract.request import ImageInput
from ...contract.validation.json_bounds import JsonBounds
from ...services import Services
from ..pictures import picture_from_base64, picture_from_bytes
from ..remote_picture import fetch_remote_picture

PICTURE_BOUNDS = JsonBounds(
    long_fields=frozenset({b"image_url", b"url", b"image", b"mask", b"data", b"b64_json", b"result"})
)
"""The most that a body with pictures may hold; these fields hold files."""

_MOST_FETCHED = 30 * 2**20  # bytes of all pictures that one request names by address


class PictureReader:
    """Reads the pictures of one request, and fetches those that are elsewhere, within one limit for all."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._left = _MOST_FETCHED

    def read_picture(self, given: object, field: str) -> ImageInput:
        """Returns the picture of a text, or of `{"image_url": text}` or `{"image_url": {"url": text}}`.

        Raises InvalidRequest for anything else, ImageUnreadable, ImageTooLarge and Transient.
        """
        text = _address_of(given, field)
        if text.lower().startswith(("https://", "http://")):
            return picture_from_bytes(self._fetch(text, field), field)
        return picture_from_base64(text, field)

    def read_file(self, given: object, field: str) -> bytes:
        """Returns the file itself of what ``read_picture`` reads."""
        found = self.read_picture(given, field)
        return base64.b64decode(found.data or "")

    def _fetch(self, url: str, field: str) -> bytes:
        data = fetch_remote_picture(self._services, url, field)
        self._left -= len(data)
        if self._left < 0:
            raise ImageTooLarge("The pictures of a request may have 30 MiB together.", field=field)
        return data


def _address_of(given: object, field: str) -> str:
    if isinstance(given, dict):
        fields = cast(dict[str, object], given)
        if fields.get("file_id") is not None:
            raise InvalidRequest(
                "A file_id names no picture here: send the picture as image_url, a data: URL.", field=field
            )
        given = fields.get("image_url", fields.get("url"))
        if isinstance(given, dict):
            given = cast(dict[str, object], given).get("url")
    if not isinstance(given, str) or not given:
        raise InvalidRequest(
            "Give the picture as an image_url: a data: URL or an https address.", field=field
        )
    return given
