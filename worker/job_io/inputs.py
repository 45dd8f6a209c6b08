"""Inputs: the pictures and the mask that a request names, fetched and decoded."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from functions.contract import paths
from functions.contract.errors import NotFound
from functions.contract.job import JobRecord
from functions.contract.pictures.memory_budget import MemoryBudget
from functions.contract.request import ImageInput
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.missing_object import missing_object_error
from functions.contract.tasks import WITHOUT_PICTURES
from worker.credentials.digital_source_types import has_parent
from worker.credentials.ingredients import FACTS_ONLY, IngredientPolicy, pack_ingredient
from worker.outpainting.frame import framed
from worker.pictures.decode import decode, decode_mask
from worker.runtime.memory_admission import most_pixels
from worker.stages.composite import check_mask, region_mask
from worker.stages.work import Work


class InputLoader:
    def __init__(
        self,
        bucket: Callable[[str], Bucket],
        credentials: IngredientPolicy = FACTS_ONLY,
        decoders: MemoryBudget | None = None,
    ) -> None:
        """Takes pictures from buckets.

        Args:
            credentials: what a result carries of those that its inputs came with.
            decoders: the memory that decoding may take at once; None: as much as it likes.
        """
        self._bucket = bucket
        self._credentials = credentials
        self._decoders = decoders

    def load(self, record: JobRecord) -> Work:
        """One picture after the other, each as small as its task allows before the next one is fetched.

        Raises ImageUnreadable, Superseded, ImageTooLarge, MaskMismatch and MaskEmpty, and Transient for what
        may pass.
        """
        request, work = record.request, Work.of(record)
        files = [self._load_image(record, n, work) for n in range(len(request.images))]
        work.files = tuple(files) if request.task == "verify" else ()
        mask = self._mask(record, work)
        if request.task == "outpaint":
            frame, mask = framed(work.images[0], record.width, record.height)
            work.images = (frame,)
        elif request.task == "edit" and (mask is not None or request.region_prompt):
            work.images, mask = _at_output_size(record, work.images, mask)
        if mask is not None:
            check_mask(mask)
        work.mask = mask
        return work

    def _load_image(self, record: JobRecord, n: int, work: Work) -> bytes:
        """Adds the ``n``-th image to the work. Its bytes are given back for ``verify`` alone."""
        task = record.request.task
        file = self._fetch(record.request.images[n])
        picture = decode(file, most=most_pixels(record, n), memory=self._decoders)
        work.images = (*work.images, picture.rgb)
        if n == 0:
            work.source_size = picture.source_size
        if task not in WITHOUT_PICTURES:
            packed = pack_ingredient(file, n, has_parent(task) and n == 0, self._credentials)
            work.ingredients = (*work.ingredients, packed)
        return file if task == "verify" else b""

    def _mask(self, record: JobRecord, work: Work) -> np.ndarray | None:
        request = record.request
        if not work.images:
            return None
        height, width = work.images[0].shape[:2]
        if request.mask and work.source_size:
            file, most = self._fetch(request.mask), most_pixels(record, 0)
            return decode_mask(file, work.source_size, most=most, memory=self._decoders)
        return region_mask(request.region, width, height) if request.region else None

    def _fetch(self, image: ImageInput) -> bytes:
        assert image.uri is not None  # noqa: S101 - admission stores every other source first
        where = paths.parse_uri(image.uri)
        try:
            return self._bucket(where.bucket).get(where.name, image.generation).data
        except NotFound:
            raise missing_object_error(self._bucket(where.bucket), where.name) from None


def _at_output_size(
    record: JobRecord, images: tuple[np.ndarray, ...], mask: np.ndarray | None
) -> tuple[tuple[np.ndarray, ...], np.ndarray | None]:
    """A region edit is composited over its input, so both have the result's size."""
    size = (record.width, record.height)
    if size == (images[0].shape[1], images[0].shape[0]):
        return images, mask
    first = np.clip(cv2.resize(images[0], size, interpolation=cv2.INTER_CUBIC), 0, 1)
    if mask is not None:
        shrinks = size[0] < mask.shape[1]  # then every pixel counts, also that of a thin line
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return (first, *images[1:]), mask
