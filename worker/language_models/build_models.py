"""Builds the models that the settings name: at most one for prompts, and one for pictures."""

from __future__ import annotations

from worker.language_models.chat_request import ChatModel
from worker.settings import ChatApi, WorkerSettings


def build_language_model(settings: WorkerSettings) -> ChatModel | None:
    return _build_model(
        settings,
        settings.language_model,
        settings.language_model_api,
        settings.language_model_url,
        settings.language_model_key,
    )


def build_vision_model(settings: WorkerSettings) -> ChatModel | None:
    return _build_model(
        settings,
        settings.vision_model,
        settings.vision_model_api,
        settings.vision_model_url,
        settings.vision_model_key,
    )


def _build_model(
    settings: WorkerSettings,
    name: str | None,
    api: ChatApi,
    url: str | None,
    key: str | None,
) -> ChatModel | None:
    if name is None:
        return None
    seconds = settings.chat_seconds
    if api == "openai":
        from worker.language_models.openai import OpenAIChat  # brings httpx, as the other one does

        return OpenAIChat(name, url=url, key=key, seconds=seconds)
    from worker.language_models.gemini import GeminiChat

    return GeminiChat(name, url=url, key=key, seconds=seconds, project=settings.project)
