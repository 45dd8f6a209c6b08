"""Decides who owns the jobs of callers that no key or token names."""

from __future__ import annotations

from .contract import paths
from .contract.settings import EVERYBODY, Settings

LOCAL = "local"
UPLOADS = "uploads"


def has_single_caller(settings: Settings) -> bool:
    """Returns True on a laptop without API keys, where all calls are one caller's."""
    return settings.is_local and not settings.takes_keys


def owner_of_upload(settings: Settings, name: str) -> str:
    """Returns the owner of the object ``name`` of the uploads bucket, who owns the job that it starts too.

    The longest prefix of ``PLANTAIN_UPLOADS_OWNERS`` that the name begins with decides; else
    ``PLANTAIN_UPLOADS_OWNER``; else it is the laptop's one caller, or "uploads". Metadata and recipes never
    choose the owner: every uploader can write them.
    """
    owner = _of_prefix(settings, name)
    if owner is not None and owner != EVERYBODY:
        return owner
    return settings.uploads_owner or (LOCAL if has_single_caller(settings) else UPLOADS)


def may_name_upload(settings: Settings, name: str, caller: str) -> bool:
    """Returns True if ``caller`` may name the object ``name`` of the uploads bucket in a request.

    What was uploaded through the API is its uploader's alone. Everything else is its owner's, and what lies
    under a prefix of "*" is open to every caller.
    """
    if name.startswith(paths.UPLOADED_BY_API):
        return name.startswith(paths.uploads_prefix(caller))
    return _of_prefix(settings, name) == EVERYBODY or owner_of_upload(settings, name) == caller


def _of_prefix(settings: Settings, name: str) -> str | None:
    """Returns the owner of the longest configured prefix that ``name`` begins with; None where no prefix
    matches.
    """
    matching = [prefix for prefix in settings.uploads_owners if name.startswith(prefix)]
    return settings.uploads_owners[max(matching, key=len)] if matching else None
