"""Who owns the jobs of callers that no key or token names."""

from __future__ import annotations

from .contract import paths
from .contract.settings import EVERYBODY, Settings

LOCAL = "local"
UPLOADS = "uploads"


def has_single_caller(settings: Settings) -> bool:
    """Whether there is one caller only: a laptop without API keys."""
    return settings.is_local and not settings.api_keys


def owner_of_upload(settings: Settings, name: str) -> str:
    """Who owns the object ``name`` of the uploads bucket, and the job that it starts.

    The longest prefix of ``PLANTAIN_UPLOADS_OWNERS`` that the name begins with says so; else it is
    ``PLANTAIN_UPLOADS_OWNER``; else the laptop's one caller, or "uploads". Metadata and recipes never choose
    the owner: whoever may upload writes them.
    """
    owner = _of_prefix(settings, name)
    if owner is not None and owner != EVERYBODY:
        return owner
    return settings.uploads_owner or (LOCAL if has_single_caller(settings) else UPLOADS)


def may_name_upload(settings: Settings, name: str, caller: str) -> bool:
    """Tell whether ``caller`` may name the object ``name`` of the uploads bucket in a request.

    What was uploaded through the API is its uploader's alone, and everything else its owner's. Only what lies
    under a prefix of "*" is everybody's.
    """
    if name.startswith(paths.UPLOADED_BY_API):
        return name.startswith(paths.uploads_prefix(caller))
    return _of_prefix(settings, name) == EVERYBODY or owner_of_upload(settings, name) == caller


def _of_prefix(settings: Settings, name: str) -> str | None:
    """What the longest of the prefixes that ``name`` begins with stands for."""
    matching = [prefix for prefix in settings.uploads_owners if name.startswith(prefix)]
    return settings.uploads_owners[max(matching, key=len)] if matching else None
