"""A finder that asks a vision model."""

from __future__ import annotations

import numpy as np

from worker.engines.protocol import Mask, Picture
from worker.language_models.chat_request import ChatModel, ChatRequest, ModelGaveNoAnswer, ResponseSchema
from worker.vision.protocol import Finder, FoundRegion
from worker.vision.vision_model_answers import ONLY_MATERIAL, log_fallback

_INSTRUCTIONS = (
    "Find what the words name in the picture. Give the box around each as [top, left, bottom, right], in "
    "thousandths of the picture's height and width; no box where the picture does not show it. "
    + ONLY_MATERIAL
)


class BoxesResponse(ResponseSchema):
    """Boxes in thousandths of the sides, the form that vision models are trained on. Empty: not found."""

    boxes: list[tuple[int, int, int, int]]


class VisionModelFinder:
    """Marks the boxes that the model gives."""

    def __init__(self, model: ChatModel, fallback: Finder) -> None:
        """``fallback`` finds what the model does not answer."""
        self.name = model.name
        self._model = model
        self._fallback = fallback

    def find(self, picture: Picture, words: str) -> FoundRegion | None:
        try:
            response = self._model.answer(ChatRequest(_INSTRUCTIONS, words, (picture,)), BoxesResponse)
        except ModelGaveNoAnswer as error:
            log_fallback("finder", error)
            return self._fallback.find(picture, words)
        mask = np.zeros(picture.shape[:2], np.float32)
        for box in response.boxes:
            _fill_box(mask, box)
        return FoundRegion(mask, self.name) if mask.any() else None


def _fill_box(mask: Mask, box: tuple[int, int, int, int]) -> None:
    height, width = mask.shape
    top, left, bottom, right = (min(max(each, 0), 1_000) / 1_000 for each in box)
    mask[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = 1
