"""The names of jobs: Vertex AI numbers them, and its clients ask for a number or for the whole name."""

from __future__ import annotations

import base64
import re

from ....contract.errors import NotFound
from ...batch_access import NO_BATCH

_BYTES = 16  # of a batch's id
_PREFIX = "batch_"
_NUMBER = re.compile(r"[0-9]{1,39}\Z")


def number_of_batch(batch_id: str) -> str:
    """Returns the letters of a batch's id as a decimal number."""
    letters = batch_id.removeprefix(_PREFIX).upper()
    raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    return str(int.from_bytes(raw))


def batch_of_number(number: str) -> str:
    """Returns the id of the batch with this number. Raises NotFound for a number that no batch can have."""
    value = int(number) if _NUMBER.match(number) else 1 << 8 * _BYTES
    if value.bit_length() > 8 * _BYTES:
        raise NotFound(NO_BATCH)
    return _PREFIX + base64.b32encode(value.to_bytes(_BYTES)).decode().rstrip("=").lower()


def job_name(parent: str, batch_id: str) -> str:
    """Returns ``PARENT/batchPredictionJobs/N``; ``parent`` is ``projects/P/locations/L``."""
    return f"{parent}/batchPredictionJobs/{number_of_batch(batch_id)}"
