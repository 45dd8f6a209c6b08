"""Correct: a critic scores each picture; below the threshold it is drawn again, within the budget."""

from __future__ import annotations

import numpy as np

from functions.contract.manifest import AttemptFacts
from worker.stages.critic import review
from worker.stages.diffuse import draw, drawing_seed
from worker.stages.work import PictureInProgress, Tools, Work


def correct(work: Work, tools: Tools) -> Work:
    """Keeps the best of at most ``correction.attempts`` drawings of each picture, with every score."""
    for picture in work.pictures:
        _best_of(picture, work, tools)
    tools.keep(work)
    return work


def _best_of(picture: PictureInProgress, work: Work, tools: Tools) -> None:
    budget = work.request.correction
    drawings = [_judged(picture.rgb, picture.seed, work)]
    while drawings[-1][1].score < budget.threshold and len(drawings) < budget.attempts:
        seed = drawing_seed(work.seed, picture.n, drawing=len(drawings))
        drawings.append(_judged(draw(work, tools, seed), seed, work))
    rgb, best = max(drawings, key=lambda drawing: drawing[1].score)
    picture.rgb, picture.seed = rgb, best.seed
    picture.attempts = [facts.model_copy(update={"chosen": facts is best}) for _, facts in drawings]


def _judged(rgb: np.ndarray, seed: int, work: Work) -> tuple[np.ndarray, AttemptFacts]:
    before = work.images[0] if work.request.task == "edit" else None
    found = review(rgb, work.intent, before)
    return rgb, AttemptFacts(seed=seed, score=round(found.score, 4), reasons=found.reasons)
