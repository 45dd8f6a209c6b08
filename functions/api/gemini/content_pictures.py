"""The pictures of a conversation: sent in it, kept as files, or named by an address."""

from __future__ import annotations

from ...contract.errors import InvalidRequest
from ...contract.request import ImageInput
from ...intake.strict_json import parse_model
from ...services import Services
from ..named_pictures import NamedPictures
from ..pictures import picture_from_base64
from .content_body import ContentPart
from .files.file_names import file_id_of_address

_HOW = "Send a picture as inlineData, or name it as gs://BUCKET/NAME, by a File's uri or by an https address."


class PartReader:
    """Reads the pictures of one request."""

    def __init__(self, services: Services, owner: str, named: NamedPictures | None = None) -> None:
        self._owner, self._named = owner, named or NamedPictures(services, owner)

    def read_picture(self, part: ContentPart, field: str) -> ImageInput:
        """Returns the picture of a part that has one.

        Raises ImageUnreadable, ImageTooLarge, InvalidRequest for an address of no picture, and Transient.
        """
        if part.inline_data is not None:
            return picture_from_base64(part.inline_data.data, f"{field}.inlineData.data")
        uri = part.file_data.file_uri if part.file_data else ""
        return self.read_address(uri, f"{field}.fileData.fileUri")

    def read_address(self, uri: str, field: str) -> ImageInput:
        """Returns the picture that an address names; raises as ``read_picture``."""
        if uri.startswith("gs://"):
            return parse_model(ImageInput, {"uri": uri})
        if file_id := file_id_of_address(self._owner, uri):
            return self._named.read_stored_picture(file_id, field)
        if uri.lower().startswith("https://"):
            return self._named.fetch_picture(uri, field)
        raise InvalidRequest(_HOW, field=field)
