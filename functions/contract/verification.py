"""The answer to the task ``verify``: is a picture ours, and was it changed since?"""

from __future__ import annotations

from typing import Literal

from .document import DocumentPart, Instant

# The verdict on all of the evidence; docs/verify.md explains each.
VerificationVerdict = Literal[
    "untouched", "tampered", "stripped", "copy", "unsigned", "resigned", "mismatched", "foreign"
]


class CredentialsSeen(DocumentPart):
    """The content credentials of a picture to verify; without ``present`` there is nothing else."""

    present: bool
    signature_valid: bool | None = None
    trusted: bool | None = None  # None: no roots are configured to ask
    altered: bool | None = None  # whether the file is no longer what was signed
    issuer: str | None = None
    signed_at: Instant | None = None
    claim_generator: str | None = None
    actions: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # what the validation found wrong, in C2PA's words


class FramesSeen(DocumentPart):
    """The frames of a clip to verify that were looked at, and those of them in which its mark was read."""

    sampled: int
    marked: int


class VerificationFacts(DocumentPart):
    """The answer to the task ``verify``: is the picture ours, and was it changed since?

    ``confidence``: how much of the watermark reads as it was written, 0–1; 0 where there is none. ``job_id``,
    ``made`` and ``deleted`` are shown to the job's owner only.
    """

    ours: bool
    verdict: VerificationVerdict
    summary: str  # the verdict as a sentence
    altered: Literal["no", "yes", "unknown"]
    confidence: float
    payload: str | None = None  # 16 hexadecimal digits
    key_version: int | None = None
    flipped: bool = False
    turned: int = 0  # clockwise by 90, 180 or 270 degrees, after it was mirrored where it is `flipped`
    credentials: CredentialsSeen
    frames: FramesSeen | None = None  # of a clip; None for a still picture
    job_id: str | None = None
    image: int | None = None  # which of the job's pictures, from 0
    made: Instant | None = None
    deleted: bool | None = None  # whether the job was deleted since
