"""The pictures that JSON names: `data:` URLs, bare base64, https addresses and stored files."""

from __future__ import annotations

import base64
from typing import cast

from ...contract.errors import InvalidRequest
from ...contract.request import ImageInput
from ...contract.validation.json_bounds import JsonBounds
from ...services import Services
from ..named_pictures import NamedPictures
from ..pictures import picture_from_base64
from .file_ids import own_file_id

PICTURE_BOUNDS = JsonBounds(
    long_fields=frozenset({b"image_url", b"url", b"image", b"mask", b"data", b"b64_json", b"result"})
)
"""The most that a body with pictures may hold; these fields hold files."""


class PictureReader:
    """Reads the pictures of one request, and fetches those that are elsewhere, within one limit for all."""

    def __init__(self, services: Services, owner: str, named: NamedPictures | None = None) -> None:
        self.services, self.owner = services, owner
        self._named = named or NamedPictures(services, owner)

    def read_picture(self, given: object, field: str) -> ImageInput:
        """Returns the picture of a text, or of `{"image_url": text}`, `{"image_url": {"url": text}}` or
        `{"file_id": id}`.

        Raises InvalidRequest for anything else, ImageUnreadable, ImageTooLarge and Transient.
        """
        file_id = cast(dict[str, object], given).get("file_id") if isinstance(given, dict) else None
        if file_id is not None:
            return self._named.read_stored_picture(own_file_id(str(file_id)), field)
        text = _address_of(given, field)
        if text.lower().startswith(("https://", "http://")):
            return self._named.fetch_picture(text, field)
        return picture_from_base64(text, field)

    def read_file(self, given: object, field: str) -> bytes:
        """Returns the file itself of what ``read_picture`` reads."""
        found = self.read_picture(given, field)
        if found.upload is not None:
            found = NamedPictures(self.services, self.owner).read_stored_picture(found.upload, field)
        return base64.b64decode(found.data or "")


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
