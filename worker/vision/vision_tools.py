"""The three sets of vision tools, from the simplest to the most capable.

| Class | Looks with | For |
|---|---|---|
| RulesVisionTools | measurements of pixels | every model |
| TrainedVisionTools | the trained scene critic | models that draw what the critic learnt |
| ModelVisionTools | a vision model | every model, if the settings name one |
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from worker.engines.protocol import Picture
from worker.language_models.chat_request import ChatModel
from worker.scene_vocabulary.lights import LIGHT_PHRASES
from worker.vision.contrast_finder import ContrastFinder
from worker.vision.protocol import Critic, Finder, Light, Suggester, VisionTools
from worker.vision.rules_critic import RulesCritic
from worker.vision.rules_suggester import RulesSuggester
from worker.vision.vision_model_critic import VisionModelCritic
from worker.vision.vision_model_finder import VisionModelFinder
from worker.vision.vision_model_suggester import VisionModelSuggester

if TYPE_CHECKING:
    from worker.scene_critic.detections import SubjectDetector

_MIN_CONFIDENCE = 0.7  # the probability from which on a light is added to a prompt
_DETECTOR = "loop"
"""The detector that corrections use. The other one, "judge", is kept for measuring them."""


class RulesVisionTools:
    """Measures pixels, whatever the model."""

    def light(self, model: str, picture: Picture) -> Light | None:
        del model, picture  # measurements do not tell the light
        return None

    def critic(self, model: str) -> Critic:
        del model
        return RulesCritic()

    def finder(self, model: str) -> Finder:
        del model
        return ContrastFinder()

    def suggester(self, model: str) -> Suggester:
        del model
        return RulesSuggester()


class TrainedVisionTools(RulesVisionTools):
    """Uses the trained critic for ``models`` and the rules for every other. It is loaded on first use."""

    def __init__(self, models: Collection[str]) -> None:
        self._models = models

    @cached_property
    def _detector(self) -> SubjectDetector:
        from worker.scene_critic.checkpoint import load_detector  # brings torch
        from worker.scene_critic.detections import SubjectDetector

        return SubjectDetector(load_detector(_DETECTOR))

    def light(self, model: str, picture: Picture) -> Light | None:
        if model not in self._models:
            return super().light(model, picture)
        name, confidence = self._detector.detect(picture).facts["light"]
        return Light(name, LIGHT_PHRASES[name][0]) if confidence >= _MIN_CONFIDENCE else None

    def critic(self, model: str) -> Critic:
        if model not in self._models:
            return super().critic(model)
        from worker.vision.trained_critic import TrainedCritic

        return TrainedCritic(self._detector)

    def finder(self, model: str) -> Finder:
        if model not in self._models:
            return super().finder(model)
        from worker.vision.trained_finder import TrainedFinder

        return TrainedFinder(self._detector)

    def suggester(self, model: str) -> Suggester:
        if model not in self._models:
            return super().suggester(model)
        from worker.vision.trained_suggester import TrainedSuggester

        return TrainedSuggester(self._detector)


class ModelVisionTools:
    """Asks a vision model, and ``fallback`` whenever it gives no answer."""

    def __init__(self, vision_model: ChatModel, fallback: VisionTools) -> None:
        self._vision_model = vision_model
        self._fallback = fallback

    def light(self, model: str, picture: Picture) -> Light | None:
        return self._fallback.light(model, picture)

    def critic(self, model: str) -> Critic:
        return VisionModelCritic(self._vision_model, self._fallback.critic(model))

    def finder(self, model: str) -> Finder:
        return VisionModelFinder(self._vision_model, self._fallback.finder(model))

    def suggester(self, model: str) -> Suggester:
        return VisionModelSuggester(self._vision_model, self._fallback.suggester(model))
