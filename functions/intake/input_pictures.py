"""The pictures of a request: located, fetched and checked before anything is written."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from ..contract import ids, paths
from ..contract.errors import (
    UNREADABLE,
    ForeignBucket,
    ImageTooLarge,
    ImageUnreadable,
    InvalidRequest,
    MaskMismatch,
    NotFound,
    PlantainError,
    StorageRefused,
)
from ..contract.object_names import ObjectName, parse_uri
from ..contract.pictures import MAX_WORK_OF_REQUEST, PictureFacts, format_of, inspect_clip, inspect_picture
from ..contract.request import ImageInput, JobRequest
from ..contract.storage.bucket import Bucket, ObjectInfo
from ..contract.storage.missing_object import missing_object_error
from ..lifecycle.stored_results import expired_picture_error
from ..lifecycle.unreadable_records import is_job_of
from ..limits.allowance import counted_size
from ..owners import may_name_upload
from ..services import Services

MAX_INLINE = 20 * 1024 * 1024
MAX_OBJECT = 50 * 1024 * 1024
_WAIT_SECONDS = 20.0  # that all pictures of a request together wait for memory


@dataclass(frozen=True)
class InputPicture:
    """One input. ``data`` is an inline picture's content; other pictures stay where they are, at one
    generation.
    """

    facts: PictureFacts
    given: ImageInput
    data: bytes | None = None
    size: int = 0  # bytes that count to the owner's day


@dataclass(frozen=True)
class RequestPictures:
    """All pictures of a request, checked."""

    images: tuple[InputPicture, ...] = ()
    mask: InputPicture | None = None

    @property
    def size(self) -> int:
        """Bytes that count to the owner's day."""
        return sum(picture.size for picture in self._all)

    @property
    def named_size(self) -> int:
        """Bytes that count where those of inline pictures have counted with the file of a batch."""
        return sum(picture.size for picture in self._all if picture.data is None)

    @property
    def _all(self) -> list[InputPicture]:
        return [picture for picture in (*self.images, self.mask) if picture is not None]


def decode_inline(given: ImageInput, field: str) -> bytes | None:
    """Returns the bytes of an inline picture; None for another. Raises ImageUnreadable unless it is strict
    base64.
    """
    if given.data is None:
        return None
    try:
        data = base64.b64decode(given.data, validate=True)
    except (binascii.Error, ValueError):
        message = "The data is not base64: send the bytes alone, padded, without line breaks or data: prefix."
        raise ImageUnreadable(message, field=f"{field}.data") from None
    if len(data) > MAX_INLINE:
        raise ImageTooLarge("An inline image may have 20 MiB: upload a larger one.", field=f"{field}.data")
    return data


def picture_fingerprint(given: ImageInput | None) -> object:
    """Returns what represents a picture in the hash of a request. Strict base64 writes bytes in
    one way only.
    """
    if given is None or given.data is None:
        return given and given.model_dump(mode="json", exclude_none=True)
    return {"sha256": hashlib.sha256(given.data.encode("utf-8", "replace")).hexdigest()}


def fetch_pictures(services: Services, request: JobRequest, owner: str) -> RequestPictures:
    """Fetches every picture of ``request`` and checks it.

    Raises ImageUnreadable, ImageTooLarge, UnsupportedSize, MaskMismatch, ForeignBucket, ExpiredResult or
    InvalidRequest, with the field at fault, and MemoryBusy.
    """
    look = _PictureInspector(services, owner, takes_clips=request.task == "verify")
    images = tuple(look.at(given, f"images[{n}]") for n, given in enumerate(request.images))
    mask = look.at(request.mask, "mask") if request.mask else None
    if mask and _size_of(mask) != _size_of(images[0]):
        raise MaskMismatch(
            f"The mask is {_describe_size(mask)} pixels and the image {_describe_size(images[0])}: "
            "make them equal.",
            field="mask",
        )
    return RequestPictures(images, mask)


@contextmanager
def reading_input(services: Services, given: ImageInput, owner: str) -> Generator[bytes]:
    """Yields the bytes of a stored picture, whose memory is held until the block ends.

    Raises what ``fetch_pictures`` raises for a picture in a bucket.
    """
    name = _locate(services, given, owner)
    bucket = services.open_bucket(name.bucket)
    found = _find_object(bucket, name, given.generation)
    with services.memory.files.hold(found.size, seconds=_WAIT_SECONDS):
        yield _fetch_object(bucket, name, found.generation)


def _size_of(picture: InputPicture) -> tuple[int, int]:
    return picture.facts.width, picture.facts.height


def _describe_size(picture: InputPicture) -> str:
    return f"{picture.facts.width}×{picture.facts.height}"


class _PictureInspector:
    """Checks a request's pictures, one after the other, within one limit for all of them."""

    def __init__(self, services: Services, owner: str, *, takes_clips: bool) -> None:
        self._services = services
        self._takes_clips = takes_clips
        self._owner = owner
        self._work = MAX_WORK_OF_REQUEST  # samples that may still be touched
        self._until = time.monotonic() + _WAIT_SECONDS

    def at(self, given: ImageInput, field: str) -> InputPicture:
        """Returns the picture of one field, checked. Raises as ``fetch_pictures``."""
        with _with_field(field):
            data = decode_inline(given, field)
            if data is not None:
                size = 0 if given.has_counted else len(data)
                return InputPicture(self._inspected(data), given, data, size)
            name = _locate(self._services, given, self._owner)
            bucket = self._services.open_bucket(name.bucket)
            found = self._found(bucket, name, given.generation)
            with self._services.memory.files.hold(found.size, seconds=self._seconds()):
                facts = self._inspected(_fetch_object(bucket, name, found.generation))
            named = ImageInput(uri=str(name), generation=found.generation)
            return InputPicture(facts, named, size=counted_size(found))

    def _found(self, bucket: Bucket, name: ObjectName, generation: int | None) -> ObjectInfo:
        """Looks the object up. Raises ExpiredResult for a deleted picture of a job, and as
        ``_find_object``.
        """
        try:
            return _find_object(bucket, name, generation)
        except ImageUnreadable as error:
            raise expired_picture_error(self._services, name) or error from None

    def _inspected(self, data: bytes) -> PictureFacts:
        if self._takes_clips and format_of(data) == "mp4":
            return inspect_clip(data)
        pixels = self._services.memory.pixels
        facts = inspect_picture(data, max_work=self._work, memory=pixels, seconds=self._seconds())
        self._work -= facts.work
        return facts

    def _seconds(self) -> float:
        """Returns how long this request may still wait for memory."""
        return max(0.0, self._until - time.monotonic())


@contextmanager
def _with_field(field: str) -> Generator[None]:
    try:
        yield
    except PlantainError as error:
        error.field = error.field or field
        raise


def _locate(services: Services, given: ImageInput, owner: str) -> ObjectName:
    """Returns the object that holds the picture, if this caller may read it."""
    if given.upload is not None:
        return ObjectName(services.settings.uploads_bucket, paths.uploaded_picture(owner, given.upload))
    name = parse_uri(given.uri or "")
    if name.bucket == services.settings.jobs_bucket and _owns_input(services, name.name, owner):
        return name  # an inline picture of an earlier job, as suggestions name it
    if name.bucket not in services.settings.readable_buckets or not _is_open_to(services, name, owner):
        raise ForeignBucket(
            f"Pictures are not read from {name}: use a bucket that is configured, or an upload."
        )
    return name


def _is_open_to(services: Services, name: ObjectName, owner: str) -> bool:
    """Returns True for the caller's own results, and for uploads that ``may_name_upload`` allows."""
    settings = services.settings
    if name.bucket == settings.results_bucket:
        return _owns_result(services, name.name, owner)
    return name.bucket != settings.uploads_bucket or may_name_upload(settings, name.name, owner)


def _owns_result(services: Services, name: str, owner: str) -> bool:
    return _owns_job(services, name.partition("/")[0], owner)


def _owns_input(services: Services, name: str, owner: str) -> bool:
    folder, job_id, _ = (*name.split("/", 2), "", "")[:3]
    return f"{folder}/" == paths.INPUTS and _owns_job(services, job_id, owner)


def _owns_job(services: Services, job_id: str, owner: str) -> bool:
    if not ids.JOB_ID.match(job_id):
        return False
    try:
        return services.store.read(job_id).record.owner == owner
    except NotFound:
        return False
    except UNREADABLE:
        return is_job_of(services, job_id, ids.owner_hash(owner))


def _find_object(objects: Bucket, name: ObjectName, generation: int | None) -> ObjectInfo:
    """Looks the object up before it is fetched, so that nothing too large is downloaded."""
    with _typed_read_errors(objects, name, generation):
        found = objects.stat(name.name, generation)
    if found.size > MAX_OBJECT:
        raise ImageTooLarge(f"{name} has {found.size / 2**20:.0f} MiB: at most 50 MiB are taken.")
    return found


def _fetch_object(objects: Bucket, name: ObjectName, generation: int) -> bytes:
    with _typed_read_errors(objects, name, generation):
        return objects.get(name.name, generation).data


@contextmanager
def _typed_read_errors(objects: Bucket, name: ObjectName, generation: int | None) -> Generator[None]:
    try:
        yield
    except NotFound:
        if generation is not None:
            raise missing_object_error(objects, name.name) from None
        raise ImageUnreadable(f"There is no object {name}: upload the picture first.") from None
    except StorageRefused:
        raise InvalidRequest(f"{name} cannot be read: Plantain has no access to it.") from None
