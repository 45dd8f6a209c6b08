"""The names of the resources: ``plantain://jobs/JOB_ID/images/N`` and ``plantain://jobs/JOB_ID/manifest``."""

from __future__ import annotations

import re

from functions.contract.errors import InvalidRequest

PICTURE_TEMPLATE = "plantain://jobs/{job_id}/images/{n}"
MANIFEST_TEMPLATE = "plantain://jobs/{job_id}/manifest"
_PICTURE = re.compile(r"plantain://jobs/(job_[a-z2-7]{26})/images/([0-9]{1,2})")
_MANIFEST = re.compile(r"plantain://jobs/(job_[a-z2-7]{26})/manifest")


def picture_uri(job_id: str, n: int) -> str:
    return PICTURE_TEMPLATE.format(job_id=job_id, n=n)


def manifest_uri(job_id: str) -> str:
    return MANIFEST_TEMPLATE.format(job_id=job_id)


def parse_picture_uri(uri: str) -> tuple[str, int]:
    """Returns the job's id and the picture's number. Raises InvalidRequest for any other text."""
    found = _PICTURE.fullmatch(uri)
    if found is None:
        raise InvalidRequest(f"A picture's resource is written {PICTURE_TEMPLATE}.")
    return found[1], int(found[2])


def parse_manifest_uri(uri: str) -> str | None:
    """Returns the id of the job whose manifest ``uri`` names; None for any other text."""
    found = _MANIFEST.fullmatch(uri)
    return found[1] if found else None
