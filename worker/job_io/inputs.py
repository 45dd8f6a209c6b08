"""A job's inputs: the pictures and the mask that its request names, fetched and decoded."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from functions.contract import object_names
from functions.contract.errors import NotFound
from functions.contract.job import JobRecord
from functions.contract.pictures.memory_budget import MemoryBudget
from functions.contract.request import ImageInput
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.missing_object import missing_object_error
from functions.contract.tasks import WITHOUT_PICTURES
from worker.clips.clip_reader import is_clip, read_frames
from worker.credentials.digital_source_types import has_parent
from worker.credentials.ingredients import FACTS_ONLY, IngredientPolicy, pack_ingredient, room_beside
from worker.job_io.memory_estimate import input_pixel_limit
from worker.outpainting.frame import frame_picture
from worker.pictures.decode import decode_mask, decode_picture
from worker.stages.composite import check_mask, region_mask
from worker.stages.work import Work


class InputLoader:
    """Loads the inputs of jobs."""

    def __init__(
        self,
        bucket: Callable[[str], Bucket],
        credentials: IngredientPolicy = FACTS_ONLY,
        decoders: MemoryBudget | None = None,
    ) -> None:
        """Reads from the buckets that ``bucket`` gives by name.

        Args:
            credentials: what a result carries of its inputs' content credentials.
            decoders: the memory that decoding may take at once; None: no limit.
        """
        self._bucket = bucket
        self._credentials = credentials
        self._decoders = decoders

    def load(self, record: JobRecord) -> Work:
        """Returns the record's work with its inputs.

        Each picture is shrunk as far as its task allows before the next one is fetched. Raises
        ImageUnreadable, Superseded, ImageTooLarge, MaskMismatch, MaskEmpty and Transient.
        """
        request, work = record.request, Work.from_record(record)
        files = [self._load_image(record, n, work) for n in range(len(request.images))]
        work.files = tuple(files) if request.task == "verify" else ()
        mask = self._load_mask(record, work)
        if request.task == "outpaint":
            frame, mask = frame_picture(work.images[0], record.width, record.height)
            work.images = (frame,)
        elif request.task == "edit" and (mask is not None or request.region_prompt):
            work.images, mask = _at_output_size(record, work.images, mask)
        if mask is not None:
            check_mask(mask)
        work.mask = mask
        return work

    def _load_image(self, record: JobRecord, n: int, work: Work) -> bytes:
        """Adds the ``n``-th image to the work. Returns its file's bytes for ``verify``, and else none."""
        task = record.request.task
        file = self._fetch(record.request.images[n])
        if task == "verify" and is_clip(file):
            work.images = (next(read_frames(file)),)
            return file
        picture = decode_picture(file, most=input_pixel_limit(record, n), memory=self._decoders)
        work.images = (*work.images, picture.rgb)
        if n == 0:
            work.source_size = picture.source_size
        if task not in WITHOUT_PICTURES:
            is_parent, room = has_parent(task) and n == 0, room_beside(work.ingredients)
            packed = pack_ingredient(file, n, is_parent, self._credentials, room=room)
            work.ingredients = (*work.ingredients, packed)
        return file if task == "verify" else b""

    def _load_mask(self, record: JobRecord, work: Work) -> np.ndarray | None:
        request = record.request
        if not work.images:
            return None
        height, width = work.images[0].shape[:2]
        if request.mask and work.source_size:
            file, most = self._fetch(request.mask), input_pixel_limit(record, 0)
            return decode_mask(file, work.source_size, most=most, memory=self._decoders)
        return region_mask(request.region, width, height) if request.region else None

    def _fetch(self, image: ImageInput) -> bytes:
        assert image.uri is not None  # noqa: S101 - admission stores every other source first
        where = object_names.parse_uri(image.uri)
        try:
            return self._bucket(where.bucket).get(where.name, image.generation).data
        except NotFound:
            raise missing_object_error(self._bucket(where.bucket), where.name) from None


def _at_output_size(
    record: JobRecord, images: tuple[np.ndarray, ...], mask: np.ndarray | None
) -> tuple[tuple[np.ndarray, ...], np.ndarray | None]:
    """Returns the images with the first one and the mask at the result's size: the edit is laid over both."""
    size = (record.width, record.height)
    if size == (images[0].shape[1], images[0].shape[0]):
        return images, mask
    first = np.clip(cv2.resize(images[0], size, interpolation=cv2.INTER_CUBIC), 0, 1)
    if mask is not None:
        is_shrunk = size[0] < mask.shape[1]  # then averaging keeps thin lines
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if is_shrunk else cv2.INTER_LINEAR)
    return (first, *images[1:]), mask
