"""Who looks at the pictures of which model: a vision model where one is configured; beneath it the trained
critic, for models that draw what it learnt; and the rules for all others."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from worker.engines.protocol import Picture
from worker.language_models.build_models import vision_model
from worker.settings import WorkerSettings
from worker.vision.contrast_finder import ContrastFinder
from worker.vision.protocol import Critic, Eyes, Finder, Light, Suggester
from worker.vision.rules_critic import RulesCritic
from worker.vision.rules_suggester import RulesSuggester
from worker.vision.vision_model import VisionCritic, VisionFinder, VisionSuggester

if TYPE_CHECKING:
    from worker.scene_critic.detections import Critic as Seeing

_SURE = 0.7  # the probability of a light that is added to a prompt
_TRAINED = "loop"
"""The critic for work; the other one is kept for judging what comes of it."""


class OfflineEyes:
    """The rules, for every model."""

    def light(self, model: str, picture: Picture) -> Light | None:
        del model, picture  # the rules cannot tell
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


class TrainedEyes(OfflineEyes):
    """The trained critic for ``models``; the rules for every other. Loaded when it is first asked for."""

    def __init__(self, models: Collection[str]) -> None:
        self._models = models

    @cached_property
    def _seeing(self) -> Seeing:
        from worker.scene_critic.checkpoint import load  # brings torch
        from worker.scene_critic.detections import Critic as Seeing

        return Seeing(load(_TRAINED))

    def light(self, model: str, picture: Picture) -> Light | None:
        if model not in self._models:
            return super().light(model, picture)
        from worker.scene_vocabulary.lights import LIGHT_PHRASES

        name, confidence = self._seeing.look(picture).facts["light"]
        return Light(name, LIGHT_PHRASES[name][0]) if confidence >= _SURE else None

    def critic(self, model: str) -> Critic:
        if model not in self._models:
            return super().critic(model)
        from worker.vision.trained_critic import TrainedCritic

        return TrainedCritic(self._seeing)

    def finder(self, model: str) -> Finder:
        if model not in self._models:
            return super().finder(model)
        from worker.vision.trained_finder import TrainedFinder

        return TrainedFinder(self._seeing)

    def suggester(self, model: str) -> Suggester:
        if model not in self._models:
            return super().suggester(model)
        from worker.vision.trained_suggester import TrainedSuggester

        return TrainedSuggester(self._seeing)


class ConfiguredEyes:
    """A vision model, where the settings name one, with ``beneath`` for whenever it gives no answer."""

    def __init__(self, settings: WorkerSettings, beneath: Eyes | None = None) -> None:
        self._vision = vision_model(settings)
        self._beneath = beneath or TrainedEyes(settings.critic_models)

    def light(self, model: str, picture: Picture) -> Light | None:
        return self._beneath.light(model, picture)

    def critic(self, model: str) -> Critic:
        beneath = self._beneath.critic(model)
        return VisionCritic(self._vision, beneath) if self._vision else beneath

    def finder(self, model: str) -> Finder:
        beneath = self._beneath.finder(model)
        return VisionFinder(self._vision, beneath) if self._vision else beneath

    def suggester(self, model: str) -> Suggester:
        beneath = self._beneath.suggester(model)
        return VisionSuggester(self._vision, beneath) if self._vision else beneath
