"""Seal: makes the finished file, in the requested format and depth, and signs it as the last change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.contract.document import now
from functions.contract.formats import CONTENT_TYPES
from worker.clips.clip_metadata import embed_xmp
from worker.credentials.claims import define_claims
from worker.credentials.digital_source_types import source_type_of_task
from worker.credentials.xmp_packet import build_xmp_packet
from worker.pictures.encode import encode_picture
from worker.stages.work import ClipInProgress, PictureInProgress, Work

if TYPE_CHECKING:  # cryptography takes long to import, and only the parent process seals
    from worker.credentials.sealer import Sealer


def seal(work: Work, sealer: Sealer | None) -> Work:
    """Makes each picture's file, and completes the clip's.

    Without a sealer the files stay unsigned, and their manifest says so.
    Raises UnsupportedFormat, CredentialsFailed and SignerUnavailable.
    """
    xmp = build_xmp_packet(source_type_of_task(work.request.task))
    if work.clip is not None:
        work.clip.data = embed_xmp(work.clip.data, work.request.format, xmp)
        if sealer is not None:
            _sign(work.clip, work.request.format, work, sealer)
    for picture in work.pictures:
        quality = picture.quality.used if picture.quality else None
        picture.data = encode_picture(
            picture.rgb, work.request.picture_format, work.request.bit_depth, quality, xmp=xmp
        )
        if sealer is not None:
            _sign(picture, work.request.picture_format, work, sealer)
    return work


def _sign(result: PictureInProgress | ClipInProgress, format: str, work: Work, sealer: Sealer) -> None:
    content_type = CONTENT_TYPES[format]
    said = define_claims(
        task=work.request.task,
        content_type=content_type,
        at=now(),
        model=work.model,
        revision=work.model_revision,
        ingredients=len(work.ingredients),
        visible_mark=work.request.visible_mark,
        watermark=result.watermark,
    )
    result.data, result.credentials = sealer.seal(result.data, content_type, said, work.ingredients)
