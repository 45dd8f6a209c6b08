"""The names of models that clients of other services send, and the models here that answer to them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ..contract.errors import UnknownModel
from ..contract.settings import Settings

KNOWN_ELSEWHERE = (
    *("gpt-image-*", "chatgpt-image-*", "dall-e-*", "gpt-4o*", "gpt-4.1*", "gpt-5*"),
    *("gemini-*", "imagen-*", "nano-banana*"),
)
"""Models of OpenAI and Google, which clients name by default. Here the default model answers to them."""


def resolve_model(settings: Settings, name: str | None) -> str:
    """Returns the model of this deployment that ``name`` means; None and an empty name mean the default one.

    An own model comes first, then ``PLANTAIN_MODEL_ALIASES`` (patterns such as ``gpt-image-*`` or ``*``, in
    their order), then the names that clients have by default. Raises UnknownModel for any other name.
    """
    wanted = (name or "").removeprefix("models/")
    if not wanted:
        return settings.default_model
    if wanted in settings.models:
        return wanted
    for pattern, model in settings.model_aliases.items():
        if fnmatchcase(wanted, pattern):
            return model
    if any(fnmatchcase(wanted, pattern) for pattern in KNOWN_ELSEWHERE):
        return settings.default_model
    raise UnknownModel(f"Ask for one of {', '.join(settings.models)}.", field="model")
