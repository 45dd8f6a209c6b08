"""Watermark: the last change to the pixels. The mark is read back before the picture may leave."""

from __future__ import annotations

import numpy as np

from functions.contract import ids
from functions.contract.errors import WatermarkFailed
from functions.contract.manifest import QualityFacts, WatermarkFacts
from worker.stages.file_quality import mark_for_file
from worker.stages.tools import EngineTools, MarkingTools
from worker.stages.work import PictureInProgress, Work
from worker.watermark import MarkedPicture

SURVIVES = {
    "exact": "in its own file",
    "compressed": "after a JPEG of quality 75",
    "robust": "after everything that sharing does to a picture",
}


def watermark(work: Work, tools: MarkingTools) -> Work:
    """Marks each picture. Raises WatermarkFailed if a mark survives less than ``watermark_proof`` demands."""
    for picture in work.pictures:
        marked, picture.quality = _mark_picture(picture.rgb, picture.n, work, tools)
        picture.rgb = marked.rgb
        picture.watermark = _watermark_facts(marked, picture, work, tools)
    return work


def check_markable(rgb: np.ndarray, n: int, work: Work, tools: EngineTools) -> None:
    """Raises WatermarkFailed for a picture (H, W, 3), at the final size, that cannot carry the demanded mark.

    It is called before networks enlarge the picture, so that no time is spent on a picture that must fail.
    """
    _mark_picture(rgb, n, work, tools)


def _mark_picture(
    rgb: np.ndarray, n: int, work: Work, tools: EngineTools | MarkingTools
) -> tuple[MarkedPicture, QualityFacts | None]:
    payload = ids.watermark_payload(work.job_id, n)
    marked, quality = mark_for_file(rgb, payload, work.request, tools.marker, tools.watermark_proof)
    if marked.proof.level is None:
        raise WatermarkFailed(
            f"Picture {n} has fewer than 312 pixels, one for each bit of the watermark: ask for a larger one."
        )
    if not marked.proof.reaches(tools.watermark_proof):
        raise WatermarkFailed(
            f"The watermark of picture {n} is read {SURVIVES[marked.proof.level]} and no further; this "
            f"service demands that it is read {SURVIVES[tools.watermark_proof]}. Its texture drowns the "
            "mark, or it is dark and flat, where a stronger mark would be seen: ask for a larger size or for "
            "another picture."
        )
    return marked, quality


def _watermark_facts(
    marked: MarkedPicture, picture: PictureInProgress, work: Work, tools: MarkingTools
) -> WatermarkFacts:
    return WatermarkFacts(
        scheme=marked.scheme,
        payload=f"{ids.watermark_payload(work.job_id, picture.n):016x}",
        key_version=tools.marker.version,
        score=round(marked.proof.score, 4),
        survives=marked.proof.survives,
        psnr=marked.psnr,
        proof=marked.proof.level,
    )
