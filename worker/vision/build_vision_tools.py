"""The vision tools that the worker's settings ask for."""

from __future__ import annotations

from worker.language_models.build_models import build_vision_model
from worker.settings import WorkerSettings
from worker.vision.protocol import VisionTools
from worker.vision.vision_tools import ModelVisionTools, TrainedVisionTools


def build_vision_tools(settings: WorkerSettings) -> VisionTools:
    """Returns the trained tools, behind a vision model if the settings name one."""
    trained = TrainedVisionTools(settings.critic_models)
    model = build_vision_model(settings)
    return ModelVisionTools(model, trained) if model else trained
