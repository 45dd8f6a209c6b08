"""The result file of an earlier attempt at the same job, already signed and in the bucket.

Attempts draw the same pixels, but every signature is different. The first complete file is reused. So a
picture that was drawn twice has one hash, whichever attempt commits the manifest.
"""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from functions.contract.errors import PlantainError
from functions.contract.manifest import CredentialsFacts
from worker.clips.clip_reader import is_clip, read_frames
from worker.credentials.credentials_reader import CredentialsReport, read_credentials
from worker.credentials.sealer import credentials_facts
from worker.pictures.decode import decode_picture


def credentials_if_equivalent(earlier: bytes, ours: bytes, content_type: str) -> CredentialsFacts | None:
    """Returns the earlier file's credentials if its picture and claims equal ours, else None."""
    found, meant = (read_credentials(file, content_type, trust=None) for file in (earlier, ours))
    return (
        credentials_facts(found)
        if found.holds
        and _comparable_claims(found) == _comparable_claims(meant)
        and _have_same_pixels(earlier, ours)
        else None
    )


def _comparable_claims(report: CredentialsReport) -> tuple[object, ...]:
    done = [(action.name, action.source_type, action.software_agent) for action in report.actions]
    return report.issuer, report.soft_binding, done, report.signers, report.ingredients


def _have_same_pixels(earlier: bytes, ours: bytes) -> bool:
    try:
        if is_clip(ours):
            return _have_same_frames(earlier, ours)
        first, second = decode_picture(earlier), decode_picture(ours)
    except PlantainError:
        return False
    return first.rgb.shape == second.rgb.shape and bool((first.rgb == second.rgb).all())


def _have_same_frames(earlier: bytes, ours: bytes) -> bool:
    """Compares two clips frame by frame. Raises ImageUnreadable for one that is damaged."""
    both = zip_longest(read_frames(earlier), read_frames(ours))
    return all(
        first is not None and second is not None and np.array_equal(first, second) for first, second in both
    )
