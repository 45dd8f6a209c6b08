"""Who owns the jobs of callers that no key or token names."""

from __future__ import annotations

from .contract.settings import Settings

LOCAL = "local"
UPLOADS = "uploads"


def is_open(settings: Settings) -> bool:
    """Whether there is one caller only: a laptop without API keys."""
    return settings.is_local and not settings.api_keys


def owner_of_uploads(settings: Settings) -> str:
    """``PLANTAIN_UPLOADS_OWNER``; else the laptop's one caller, or "uploads".

    Metadata and recipes never choose the owner: whoever may upload writes them.
    """
    return settings.uploads_owner or (LOCAL if is_open(settings) else UPLOADS)
