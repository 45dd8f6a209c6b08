"""The pictures that JSON names: `data:` URLs, bare base64, https addresses and stored files."""

from __future__ import annotations

import base64
from typing import cast

from ...contract.errors import ImageTooLarge, InvalidRequest, NotFound
from ...contract.request import ImageInput
from ...contract.validation.json_bounds import JsonBounds
from ...files.stored_files import read_file
from ...services import Services
from ..pictures import picture_from_base64, picture_from_bytes
from ..remote_picture import fetch_remote_picture
from .files import own_file_id

PICTURE_BOUNDS = JsonBounds(
    long_fields=frozenset({b"image_url", b"url", b"image", b"mask", b"data", b"b64_json", b"result"})
)
"""The most that a body with pictures may hold; these fields hold files."""

_MOST_FETCHED = 30 * 2**20  # bytes of all pictures that one request names by address or as files


class PictureReader:
    """Reads the pictures of one request, and fetches those that are elsewhere, within one limit for all."""

    def __init__(self, services: Services, owner: str) -> None:
        self._services, self._owner = services, owner
        self._left = _MOST_FETCHED

    def read_picture(self, given: object, field: str) -> ImageInput:
        """Returns the picture of a text, or of `{"image_url": text}`, `{"image_url": {"url": text}}` or
        `{"file_id": id}`.

        Raises InvalidRequest for anything else, ImageUnreadable, ImageTooLarge and Transient.
        """
        file_id = cast(dict[str, object], given).get("file_id") if isinstance(given, dict) else None
        if file_id is not None:
            return picture_from_bytes(self._read_stored(file_id, field), field)
        text = _address_of(given, field)
        if text.lower().startswith(("https://", "http://")):
            return picture_from_bytes(self._fetch(text, field), field)
        return picture_from_base64(text, field)

    def read_file(self, given: object, field: str) -> bytes:
        """Returns the file itself of what ``read_picture`` reads."""
        found = self.read_picture(given, field)
        return base64.b64decode(found.data or "")

    def _read_stored(self, file_id: object, field: str) -> bytes:
        try:
            data = read_file(self._services, self._owner, own_file_id(str(file_id)))
        except NotFound as error:
            raise InvalidRequest(error.message, field=field) from None
        return self._within_limit(data, field)

    def _fetch(self, url: str, field: str) -> bytes:
        return self._within_limit(fetch_remote_picture(self._services, url, field), field)

    def _within_limit(self, data: bytes, field: str) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ImageTooLarge("The pictures of a request may have 30 MiB together.", field=field)
        return data


def _address_of(given: object, field: str) -> str:
    if isinstance(given, dict):
        fields = cast(dict[str, object], given)
        given = fields.get("image_url", fields.get("url"))
        if isinstance(given, dict):
            given = cast(dict[str, object], given).get("url")
    if not isinstance(given, str) or not given:
        raise InvalidRequest(
            "Give the picture as an image_url: a data: URL or an https address.", field=field
        )
    return given
