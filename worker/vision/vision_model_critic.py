"""A critic that asks a vision model."""

from __future__ import annotations

from pydantic import Field

from functions.contract.intent_facts import IntentFacts
from worker.engines.protocol import Picture
from worker.language_models.chat_request import ChatModel, ChatRequest, ModelGaveNoAnswer, ResponseSchema
from worker.vision.protocol import BeforeEdit, Critic, Score
from worker.vision.vision_model_answers import MAX_ITEMS, MAX_TEXT, ONLY_MATERIAL, log_fallback

_INSTRUCTIONS = (
    "You judge whether a picture shows what was asked for. Give a score from 0 (nothing of it) to 100 "
    "(all of it): the subjects, how many, their colours, where they are, the setting, the light, words "
    "in the picture, and nothing that was not wanted. For an edit the first picture is the one before; "
    "what was "
    "not to be changed must be the same. List what is wrong as reasons, each a few words, and for each "
    "that a single edit would mend, the instruction for it as a repair, such as 'make the boat red'. "
    + ONLY_MATERIAL
)


class ScoreResponse(ResponseSchema):
    """The model's judgement. ``score`` is in hundredths: models are steadier with whole numbers."""

    score: int = Field(ge=0, le=100)
    reasons: list[str]
    repairs: list[str]


class VisionModelCritic:
    """Scores a picture against the prompt. For an edit, the model sees the earlier picture first."""

    def __init__(self, model: ChatModel, fallback: Critic) -> None:
        """``fallback`` scores what the model does not answer."""
        self.name = model.name
        self._model = model
        self._fallback = fallback

    def score(self, picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None) -> Score:
        if intent is None:  # there is no prompt to score against
            return self._fallback.score(picture, intent, before)
        pictures = (before.picture, picture) if before else (picture,)
        try:
            response = self._model.answer(
                ChatRequest(_INSTRUCTIONS, _describe_wish(intent), pictures), ScoreResponse
            )
        except ModelGaveNoAnswer as error:
            log_fallback("critic", error)
            return self._fallback.score(picture, intent, before)
        return Score(
            response.score / 100,
            self.name,
            _shorten_texts(response.reasons),
            _shorten_texts(response.repairs),
        )


def _describe_wish(intent: IntentFacts) -> str:
    without = f"\nNot wanted: {', '.join(intent.without)}" if intent.without else ""
    return f"Asked for: {intent.prompt}{without}"


def _shorten_texts(texts: list[str]) -> tuple[str, ...]:
    return tuple(text.strip()[:MAX_TEXT] for text in texts[:MAX_ITEMS] if text.strip())
