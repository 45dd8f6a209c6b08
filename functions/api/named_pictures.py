"""Pictures that a request names instead of sending: stored files and https addresses, within one limit."""

from __future__ import annotations

from ..contract.errors import ImageTooLarge, InvalidRequest, NotFound
from ..contract.request import ImageInput
from ..files.stored_files import find_file, open_file, read_file_pieces
from ..services import Services
from .pictures import picture_from_bytes
from .remote_picture import fetch_remote_picture

_NOT_FETCHED = "In a batch a picture is sent in the line or as a stored file: an address is not fetched."
_MOST_FETCHED = 30 * 2**20  # bytes of all pictures that one request names


class NamedPictures:
    """Reads the pictures that one request names. They become the job's own: a file may be deleted, or its
    time end, before the job is drawn.
    """

    def __init__(self, services: Services, owner: str) -> None:
        self._services, self._owner = services, owner
        self._left = _MOST_FETCHED

    def read_stored_picture(self, file_id: str, field: str) -> ImageInput:
        """Returns the owner's file. Raises InvalidRequest where there is none, naming ``field``,
        ImageUnreadable and ImageTooLarge.
        """
        try:
            file = find_file(self._services, self._owner, file_id)
            self._take(file.size, field)
            data = b"".join(read_file_pieces(self._services, file, _MOST_FETCHED))
        except NotFound as error:
            raise InvalidRequest(error.message, field=field) from None
        picture = picture_from_bytes(data, field)
        return picture.as_counted() if file.has_counted else picture

    def fetch_picture(self, url: str, field: str) -> ImageInput:
        """Returns the picture at an address. Raises InvalidRequest, ImageTooLarge and Transient."""
        data = fetch_remote_picture(self._services, url, field)
        self._take(len(data), field)
        return picture_from_bytes(data, field)

    def _take(self, size: int, field: str) -> None:
        self._left -= size
        if self._left < 0:
            raise ImageTooLarge("The pictures of a request may have 30 MiB together.", field=field)


class UploadedPictures(NamedPictures):
    """The pictures that a line of a batch names. A stored file stays a name, which is read when the line
    becomes a job; an address is refused, since thousands of lines would fetch one each.
    """

    def read_stored_picture(self, file_id: str, field: str) -> ImageInput:
        """Returns the owner's file by its name. Raises InvalidRequest where there is none."""
        try:
            return open_file(self._services, self._owner, file_id)
        except NotFound as error:
            raise InvalidRequest(error.message, field=field) from None

    def fetch_picture(self, url: str, field: str) -> ImageInput:
        """Raises InvalidRequest."""
        del url
        raise InvalidRequest(_NOT_FETCHED, field=field)
