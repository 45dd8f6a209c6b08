"""Watermark: the last thing done to the pixels, and read back before the picture may leave."""

from __future__ import annotations

from functions.contract import paths
from functions.contract.errors import WatermarkFailed
from functions.contract.manifest import WatermarkFacts
from worker.stages.work import PictureInProgress, Tools, Work
from worker.watermark import Watermarker


def watermark(work: Work, tools: Tools) -> Work:
    """Raises WatermarkFailed for a picture whose mark does not survive a JPEG of quality 75."""
    for picture in work.pictures:
        _mark(picture, paths.mark_payload(work.job_id, picture.n), tools.marker)
    return work


def _mark(picture: PictureInProgress, payload: int, marker: Watermarker) -> None:
    marked = marker.mark(picture.rgb, payload)
    if not marked.proof.exact:
        raise WatermarkFailed(f"Picture {picture.n} is too plain or too small to carry the watermark.")
    picture.rgb = marked.rgb
    picture.watermark = WatermarkFacts(
        scheme=marker.scheme,
        payload=f"{payload:016x}",
        key_version=marker.version,
        score=round(marked.proof.score, 4),
        survives=marked.proof.survives,
        psnr=marked.psnr,
    )
