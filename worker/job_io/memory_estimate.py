"""Estimates the memory that a job's pictures take in all processes, before any of them is fetched."""

from __future__ import annotations

from functions.contract.job import JobRecord
from functions.contract.tasks import WITHOUT_PICTURES
from worker.prompt_intent.prompt_words import QUOTED

REFERENCE_PIXELS = 2048 * 2048  # no engine sees more of a picture that it only looks at
_BYTES_PER_PIXEL = 3 * 4  # float32 RGB
_PROCESSES = 2  # a process holds what it sends, until the next one has it
# Bytes for each pixel of a frame that a clip's encoder holds; with the frame itself 171 (MP4) and 283 (WebP)
# were measured.
_ENCODER = 200
_READER = 300 << 20  # bytes of the networks that read words, which are loaded for the first job with any
_WORKING = 5  # copies of one picture: what upscale, watermark and encoding hold beside it


def input_pixel_limit(record: JobRecord, n: int) -> int | None:
    """Returns the pixels to which the ``n``-th input is shrunk as it is decoded; None: it is kept whole.

    An engine sees the picture to change at the result's size, and any other at most at REFERENCE_PIXELS.
    """
    task = record.request.task
    if task in ("verify", "upscale"):
        return None
    if n == 0 and task == "outpaint":
        return record.width * record.height
    is_changed = n == 0 and task == "edit"
    return max(REFERENCE_PIXELS, record.width * record.height) if is_changed else REFERENCE_PIXELS


def estimate_job_bytes(record: JobRecord) -> int:
    """Returns the most bytes that a job's pictures take outside the model, in all processes together."""
    request, own = record.request, record.width * record.height
    inputs = sum(input_pixel_limit(record, n) or own for n in range(len(request.images)))
    is_masked = request.mask or request.region or request.region_prompt or request.task == "outpaint"
    if request.task in WITHOUT_PICTURES:
        return estimate_bytes(0, 0, 0, inputs)
    masks = own if is_masked else 0
    encoder = own * _ENCODER if request.frame_count else 0
    reader = _READER if QUOTED.search(request.wanted) else 0
    pictures = estimate_bytes(record.width, record.height, request.picture_count, inputs + masks)
    return encoder + reader + pictures


def estimate_bytes(width: int, height: int, count: int, inputs: int = 0) -> int:
    """Returns the bytes for ``count`` pictures of a size, and for ``inputs`` pixels of other pictures."""
    drawn = width * height * (_PROCESSES * count + _WORKING)
    return _BYTES_PER_PIXEL * (drawn + _PROCESSES * inputs)
