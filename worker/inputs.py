"""Inputs: the pictures and the mask that a request names, fetched and decoded."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from functions.contract import paths
from functions.contract.errors import NotFound
from functions.contract.gone import gone
from functions.contract.job import JobRecord
from functions.contract.objects import Objects
from functions.contract.request import ImageInput
from worker.credentials.ingredient import FACTS_ONLY, IngredientPolicy, pack_ingredients
from worker.pictures.decode import decode, decode_mask
from worker.stages.composite import region_mask
from worker.stages.frame import framed
from worker.stages.work import Work


class Inputs:
    def __init__(self, bucket: Callable[[str], Objects], credentials: IngredientPolicy = FACTS_ONLY) -> None:
        """``credentials``: what a result carries of those that its inputs came with."""
        self._bucket = bucket
        self._credentials = credentials

    def load(self, record: JobRecord) -> Work:
        """Raises ImageUnreadable, Superseded, ImageTooLarge, MaskMismatch; Transient for what may pass."""
        request = record.request
        files = tuple(self._fetch(image) for image in request.images)
        images = tuple(decode(file).rgb for file in files)
        mask = self._mask(record, images)
        if request.task == "outpaint":
            frame, mask = framed(images[0], record.width, record.height)
            images = (frame,)
        elif request.task == "edit" and (mask is not None or request.region_prompt):
            images, mask = _at_output_size(record, images, mask)
        work = Work.of(record)
        work.images, work.mask = images, mask
        work.files = files if request.task == "verify" else ()
        work.ingredients = pack_ingredients(files, request.task, self._credentials)
        return work

    def _mask(self, record: JobRecord, images: tuple[np.ndarray, ...]) -> np.ndarray | None:
        request = record.request
        if not images:
            return None
        height, width = images[0].shape[:2]
        if request.mask:
            return decode_mask(self._fetch(request.mask), (width, height))
        return region_mask(request.region, width, height) if request.region else None

    def _fetch(self, image: ImageInput) -> bytes:
        assert image.uri is not None  # noqa: S101 - admission stores every other source first
        where = paths.parse_uri(image.uri)
        try:
            return self._bucket(where.bucket).get(where.name, image.generation).data
        except NotFound:
            raise gone(self._bucket(where.bucket), where.name) from None


def _at_output_size(
    record: JobRecord, images: tuple[np.ndarray, ...], mask: np.ndarray | None
) -> tuple[tuple[np.ndarray, ...], np.ndarray | None]:
    """A region edit is composited over its input, so both have the result's size."""
    size = (record.width, record.height)
    if size == (images[0].shape[1], images[0].shape[0]):
        return images, mask
    first = np.clip(cv2.resize(images[0], size, interpolation=cv2.INTER_CUBIC), 0, 1)
    if mask is not None:
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    return (first, *images[1:]), mask
