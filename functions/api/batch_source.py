"""The file of requests that a caller names by its ``gs://`` name: where it may lie, and what it is."""

from __future__ import annotations

from ..batches.request_lines import check_size
from ..contract.errors import ForeignBucket, InvalidRequest, NotFound, StorageRefused
from ..contract.object_names import ObjectName, parse_uri
from ..contract.settings import Settings
from ..contract.storage.bucket import ObjectInfo
from ..owners import may_name_upload
from ..services import Services


def locate_request_file(settings: Settings, owner: str, uri: str, *, field: str) -> ObjectName:
    """Returns the file, if this caller may name it: an own upload, or an object of a bucket that the operator
    opened for inputs. Raises InvalidRequest, and ForeignBucket for any other place.
    """
    try:
        name = parse_uri(uri)
    except InvalidRequest as error:
        error.field = field
        raise
    is_upload = name.bucket == settings.uploads_bucket
    if not (
        may_name_upload(settings, name.name, owner) if is_upload else name.bucket in settings.input_buckets
    ):
        raise ForeignBucket("Batches are not read from there: use an upload.", field=field)
    return name


def find_request_file(services: Services, name: ObjectName, *, field: str) -> ObjectInfo:
    """Looks the file up. Raises InvalidRequest where it is gone or cannot be read, and RequestTooLarge."""
    try:
        found = services.open_bucket(name.bucket).stat(name.name)
    except NotFound:
        raise InvalidRequest("There is no such file: upload it first.", field=field) from None
    except StorageRefused:
        raise InvalidRequest("The file cannot be read: Plantain has no access to it.", field=field) from None
    check_size(found.size)
    return found
