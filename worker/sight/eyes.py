"""Who looks at the pictures of which model: the rules, below a vision model where one is configured."""

from __future__ import annotations

from worker.chat.configured import vision_model
from worker.settings import WorkerSettings

from .contrast_finder import ContrastFinder
from .protocol import Critic, Eyes, Finder, Suggester
from .rules_critic import RulesCritic
from .rules_suggester import RulesSuggester
from .vision import VisionCritic, VisionFinder, VisionSuggester


class OfflineEyes:
    """The rules, for every model."""

    def critic(self, model: str) -> Critic:
        del model
        return RulesCritic()

    def finder(self, model: str) -> Finder:
        del model
        return ContrastFinder()

    def suggester(self, model: str) -> Suggester:
        del model
        return RulesSuggester()


class ConfiguredEyes:
    """A vision model, where the settings name one, with ``beneath`` for whenever it gives no answer."""

    def __init__(self, settings: WorkerSettings, beneath: Eyes | None = None) -> None:
        self._vision = vision_model(settings)
        self._beneath = beneath or OfflineEyes()

    def critic(self, model: str) -> Critic:
        beneath = self._beneath.critic(model)
        return VisionCritic(self._vision, beneath) if self._vision else beneath

    def finder(self, model: str) -> Finder:
        beneath = self._beneath.finder(model)
        return VisionFinder(self._vision, beneath) if self._vision else beneath

    def suggester(self, model: str) -> Suggester:
        beneath = self._beneath.suggester(model)
        return VisionSuggester(self._vision, beneath) if self._vision else beneath
