"""The caller of a request: whose jobs it sees, and what it may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .contract.api_keys.digests import owner_of_key
from .contract.api_keys.key_list import SCOPES, KeyScope
from .contract.api_keys.keys_file import keys_file_at
from .contract.document import now
from .contract.errors import InvalidKey, MissingScope
from .contract.settings import Settings

ALL_SCOPES: frozenset[KeyScope] = frozenset(SCOPES)


@dataclass(frozen=True)
class Caller:
    """Who calls. ``key_id`` and ``key_name`` tell which key was sent, where it has an id."""

    owner: str
    scopes: frozenset[KeyScope] = ALL_SCOPES
    key_id: str | None = None
    key_name: str = ""

    def check_scope(self, needed: KeyScope) -> None:
        """Raises MissingScope if the caller may not do what needs the scope."""
        if needed not in self.scopes:
            has = ", ".join(sorted(self.scopes))
            raise MissingScope(f"This needs the scope {needed}, and the API key has {has}.")


def caller_of_key(key: str, settings: Settings) -> Caller | None:
    """Returns the caller whose key it is; None for a key that is not this deployment's.

    Raises InvalidKey for a key that was revoked or has expired, and Transient while the list of keys cannot
    be read.
    """
    finders: tuple[Callable[[str, Settings], Caller | None], ...] = (_in_settings, _in_file)
    return next((caller for find in finders if (caller := find(key, settings)) is not None), None)


def _in_settings(key: str, settings: Settings) -> Caller | None:
    owner = owner_of_key(key, settings.api_keys)
    return None if owner is None else Caller(owner)


def _in_file(key: str, settings: Settings) -> Caller | None:
    if settings.api_keys_file is None:
        return None
    keys = keys_file_at(settings.api_keys_file).current()
    if found := keys.find_entry(key):
        key_id, entry = found
        if reason := entry.refusal(now()):
            raise InvalidKey(reason)
        return Caller(entry.owner, frozenset(entry.scopes), key_id, entry.name)
    owner = keys.find_plain_owner(key)
    return None if owner is None else Caller(owner)
