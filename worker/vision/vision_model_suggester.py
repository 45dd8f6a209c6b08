"""A suggester that asks a vision model."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from functions.contract.manifest import SuggestionFacts
from functions.policy import screen_prompt
from worker.engines.protocol import Mask, Picture
from worker.language_models.chat_request import ChatModel, ChatRequest, ModelGaveNoAnswer, ResponseSchema
from worker.vision.protocol import Suggester, Suggestions
from worker.vision.vision_model_answers import MAX_ITEMS, MAX_TEXT, ONLY_MATERIAL, log_fallback

_INSTRUCTIONS = (
    "Suggest three to six edits that would make sense for this picture, the best first: each with an "
    "instruction for an image model such as 'make the boat red' (task edit), what a wider frame would "
    "show (task outpaint) or that it be enlarged (task upscale), and in a few words why. Suggest nothing "
    "about who a person is. " + ONLY_MATERIAL
)
_MIN_EDITS = 3


class SuggestedEdit(ResponseSchema):
    """One edit that the model suggests."""

    instruction: str
    task: Literal["edit", "outpaint", "upscale"]
    why: str


class SuggestionsResponse(ResponseSchema):
    """The edits that the model suggests, the best first."""

    suggestions: list[SuggestedEdit]


class VisionModelSuggester:
    """Suggests edits that the safety policy allows. For a region, the rest of the picture is dimmed."""

    def __init__(self, model: ChatModel, fallback: Suggester) -> None:
        """``fallback`` suggests if the model gives no answer, or too few edits."""
        self.name = model.name
        self._model = model
        self._fallback = fallback

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        about = "The whole picture." if region is None else "Only what is not dimmed may change."
        shown = picture if region is None else _dim_outside(picture, region)
        try:
            response = self._model.answer(ChatRequest(_INSTRUCTIONS, about, (shown,)), SuggestionsResponse)
        except ModelGaveNoAnswer as error:
            log_fallback("suggester", error)
            return self._fallback.suggest(picture, region)
        edits = [_shorten_edit(each) for each in response.suggestions if _is_usable(each)]
        if len(edits) < _MIN_EDITS:
            return self._fallback.suggest(picture, region)
        return Suggestions(self.name, tuple(edits[:MAX_ITEMS]))


def _is_usable(edit: SuggestedEdit) -> bool:
    return bool(edit.instruction.strip()) and screen_prompt(edit.instruction).verdict != "block"


def _shorten_edit(edit: SuggestedEdit) -> SuggestionFacts:
    return SuggestionFacts(instruction=edit.instruction[:MAX_TEXT], task=edit.task, why=edit.why[:MAX_TEXT])


def _dim_outside(picture: Picture, region: Mask) -> Picture:
    soft = cv2.GaussianBlur(region, (0, 0), 2)[..., None]
    return (picture * (0.25 + 0.75 * soft)).astype(np.float32)
