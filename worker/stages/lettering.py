"""Lettering: typesets the quoted words that the model does not write, and reads all of them in the picture.

It works on the finished size, before the marks, so that letters are sharp and the watermark lies over them.
"""

from __future__ import annotations

from worker.lettering.letter_picture import Lettering, letter_picture
from worker.lettering.words_score import count_words
from worker.stages.intent import prompts_to_draw
from worker.stages.tools import EngineTools
from worker.stages.work import PictureInProgress, Work


def lettering(work: Work, tools: EngineTools) -> Work:
    """Writes and reads the words of each picture. What could not be done is told in its facts."""
    for picture in work.pictures:
        _letter(picture, work, tools)
    return work


def has_quoted_words(work: Work) -> bool:
    """Returns True if the prompts have words that are to be seen in the pictures."""
    is_still = work.request.is_drawn and work.request.task != "animate"
    is_asked = is_still and work.request.lettering != "none"
    return is_asked and any(intent.texts for intent in work.intents)


def is_written_by_model(work: Work, tools: EngineTools) -> bool:
    """Returns True if the model is to write the words, as far as it can."""
    match work.request.lettering:
        case "auto":
            return tools.engine(work.model).writes is not False
        case how:
            return how == "model"


def _letter(picture: PictureInProgress, work: Work, tools: EngineTools) -> None:
    intent = picture.intent or work.intent
    if intent is None or not intent.texts:
        return
    asked = Lettering(
        texts=intent.texts,
        prompt=prompts_to_draw(work.request)[picture.n if work.request.prompts else 0],
        by_model=is_written_by_model(work, tools),
        is_mended=work.request.lettering == "auto",
        region=work.request.lettering_region,
        free=work.mask,
        has_panels=intent.vocabulary is None or work.request.task == "edit",
    )
    picture.rgb, done = letter_picture(picture.rgb, asked, tools.vision.finder(work.model), tools.reader)
    picture.lettering = [words.facts for words in done]
    if picture.score is not None:
        counted = count_words(picture.score, intent, {words.facts.text: words.reading for words in done})
        picture.attempts = [
            attempt.model_copy(update=counted.facts()) if attempt.chosen else attempt
            for attempt in picture.attempts
        ]
