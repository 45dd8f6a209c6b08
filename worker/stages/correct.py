"""Correct: a critic scores each picture. A poor one is repaired or drawn again, within the budget."""

from __future__ import annotations

from dataclasses import dataclass, replace

from functions.contract.manifest import AttemptFacts
from worker.engines.protocol import Picture
from worker.lettering.reading import read_asked
from worker.lettering.words_score import count_words
from worker.stages.diffuse import draw_picture, drawing_seed
from worker.stages.encode import build_brief
from worker.stages.lettering import is_written_by_model
from worker.stages.tools import EngineTools
from worker.stages.work import PictureInProgress, Work
from worker.vision.protocol import BeforeEdit, Score


def correct(work: Work, tools: EngineTools) -> Work:
    """Keeps the best of at most ``correction.attempts`` drawings of each picture, and all scores."""
    for picture in work.pictures:
        keep_best(picture, work, tools)
    tools.save_checkpoint(work)
    return work


@dataclass(frozen=True)
class Drawing:
    """One attempt at a picture. ``repair`` is the instruction that edited an earlier attempt, if any."""

    rgb: Picture
    seed: int
    score: Score
    repair: str | None = None
    without_words: Score | None = None
    """The score as it was before the words in the drawing were read."""

    def facts(self, *, chosen: bool) -> AttemptFacts:
        said = self.score.facts()
        return AttemptFacts.model_validate(
            {"seed": self.seed, **said, "repair": self.repair, "chosen": chosen}
        )


def keep_best(picture: PictureInProgress, work: Work, tools: EngineTools) -> None:
    """Draws until a drawing is good enough or the budget is spent. The picture becomes the best drawing."""
    budget = work.request.correction
    drawings = [_judge(picture.rgb, picture.seed, work, tools)]
    while drawings[-1].score.rank < budget.threshold and len(drawings) < budget.attempts:
        seed = drawing_seed(work.seed, picture.n, drawing=len(drawings))
        drawings.append(_draw_next(_best(drawings), drawings, seed, work, tools))
    best = _best(drawings)
    picture.rgb, picture.seed, picture.score = best.rgb, best.seed, best.without_words
    picture.attempts = [drawing.facts(chosen=drawing is best) for drawing in drawings]


def _best(drawings: list[Drawing]) -> Drawing:
    """Returns the first of those with the highest score."""
    return max(drawings, key=lambda drawing: drawing.score.rank)


def _draw_next(best: Drawing, drawings: list[Drawing], seed: int, work: Work, tools: EngineTools) -> Drawing:
    """Returns the best drawing repaired, if the critic knows a repair, and else a new drawing."""
    repair = _choose_repair(best, drawings, work, tools)
    rgb = (
        draw_picture(work, tools, seed)
        if repair is None
        else _apply_repair(best.rgb, repair, seed, work, tools)
    )
    return _judge(rgb, seed, work, tools, repair)


def _choose_repair(best: Drawing, drawings: list[Drawing], work: Work, tools: EngineTools) -> str | None:
    """Returns the first untried repair that the policy allows; None: draw anew.

    A new drawing follows a repair that did not help. It is also safer inside a region, where the drawing is
    only a part of the picture.
    """
    if work.mask is not None or not tools.engine(work.model).follows_instructions:
        return None
    if drawings[-1].repair and drawings[-1] is not best:
        return None
    tried = {drawing.repair for drawing in drawings}
    untried = (repair for repair in best.score.repairs if repair not in tried)
    return next((each for each in untried if tools.screener.policy(each).verdict != "block"), None)


def _apply_repair(rgb: Picture, instruction: str, seed: int, work: Work, tools: EngineTools) -> Picture:
    engine = tools.engine(work.model)
    asked = replace(build_brief(work), prompt=instruction, images=(rgb,), strength=None)
    return engine.diffuse(engine.encode(asked), seed, tools.on_step)


def _judge(rgb: Picture, seed: int, work: Work, tools: EngineTools, repair: str | None = None) -> Drawing:
    """Returns the drawing with its score. Words are read where the model is to write them."""
    before = BeforeEdit(work.images[0], work.mask) if work.request.task == "edit" else None
    score = tools.vision.critic(work.model).score(rgb, work.intent, before)
    if work.intent is None or not work.intent.texts or not is_written_by_model(work, tools):
        return Drawing(rgb, seed, score, repair, score)
    counted = count_words(score, work.intent, read_asked(rgb, work.intent.texts, tools.reader))
    return Drawing(rgb, seed, counted, repair, score)
