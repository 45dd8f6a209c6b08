"""The list of a deployment's keys: one JSON document, in a file or in a secret of Secret Manager."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError

from ..document import Document, DocumentPart, Instant, refuse_newer
from ..errors import DamagedDocument
from ..owner_limits import OwnerLimits
from ..validation.messages import explain_value_fault, text_pattern
from .digests import digest_key, owner_of_key
from .key_text import KEY_ID, id_of_key

KeyScope = Literal["generate", "read", "admin"]
SCOPES: tuple[KeyScope, ...] = ("generate", "read", "admin")

_Digest = Annotated[str, text_pattern(r"^[0-9a-fA-F]{64}$", "a SHA-256 in hexadecimal digits")]
_KeyId = Annotated[str, text_pattern(KEY_ID, "a key's id")]
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
MAX_BYTES = 64 * 2**10  # what a version of a secret holds


class KeyEntry(DocumentPart, use_attribute_docstrings=True):
    """What is kept of one key."""

    sha256: _Digest
    """The SHA-256 of the whole key."""
    owner: str = Field(min_length=1, max_length=200)
    """Who owns the jobs of its caller."""
    name: str = Field(default="", max_length=100)
    """What the key is for, in the operator's words."""
    scopes: tuple[KeyScope, ...] = Field(default=SCOPES, min_length=1)
    """What its caller may do."""
    created: Instant
    """When it was made."""
    expires: Instant | None = None
    """From when on it is not taken. None: never."""
    revoked: Instant | None = None
    """When it was revoked, and is not taken since."""

    def merged_with(self, other: Self) -> Self:
        """Returns the entry with the earlier end of the two."""
        return self.model_copy(
            update={
                "revoked": _earlier(self.revoked, other.revoked),
                "expires": _earlier(self.expires, other.expires),
            }
        )

    def refusal(self, at: datetime) -> str | None:
        """Returns why the key is not taken at a time; None for one that is."""
        if self.revoked is not None:
            return "The API key was revoked: ask the deployment's operator for a new one."
        if self.expires is not None and self.expires <= at:
            return "The API key has expired: ask the deployment's operator for a new one."
        return None


class KeyList(Document, use_attribute_docstrings=True):
    """All keys, by their ids."""

    kind: ClassVar[str] = "list of keys"

    keys: dict[_KeyId, KeyEntry] = Field(default_factory=dict)
    """What `plantain keys` has made."""
    digests: dict[_Digest, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Keys without an id, as `PLANTAIN_API_KEYS` has them: the SHA-256 of a key → its owner. They may do
    everything.
    """

    limits: dict[str, OwnerLimits] = Field(default_factory=dict)
    """The limits of owners; `*` is every owner that has none here."""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Parses the list, or a map as PLANTAIN_API_KEYS has it. Raises DamagedDocument, which repeats
        nothing of the list, and UnsupportedVersion.
        """
        try:
            found: Any = json.loads(data)
        except (ValueError, RecursionError):
            raise DamagedDocument("The list of keys is not JSON.") from None
        if _is_plain_map(found):
            found = {"digests": found}
        try:
            return cls.model_validate_json(json.dumps(found))
        except ValidationError as error:
            refuse_newer(data, cls.kind)
            raise DamagedDocument(f"The list of keys: {explain_value_fault(error)}.") from None

    def find_entry(self, key: str) -> tuple[str, KeyEntry] | None:
        """Returns id and entry of a key, whether or not it is still taken; None for one that is not here."""
        key_id = id_of_key(key)
        entry = self.keys.get(key_id) if key_id else None
        if key_id is None or entry is None:
            return None
        same = hmac.compare_digest(entry.sha256.lower().encode(), digest_key(key).encode())
        return (key_id, entry) if same else None

    def find_plain_owner(self, key: str) -> str | None:
        """Returns the owner of a key without an id; None for one that is not here."""
        return owner_of_key(key, self.digests)

    def merged_with(self, other: Self) -> Self:
        """Returns the list with the changes of both: every key of either, and the earlier end of each."""
        keys = {
            key_id: entry.merged_with(other.keys[key_id]) if key_id in other.keys else entry
            for key_id, entry in self.keys.items()
        }
        return self.model_copy(
            update={
                "keys": {**other.keys, **keys},
                "digests": {**other.digests, **self.digests},
                "limits": {**other.limits, **self.limits},
            }
        )

    def with_limits(self, owner: str, limits: OwnerLimits) -> Self:
        """Returns the list with an owner's limits replaced; removed where there is none in ``limits``."""
        others = {name: each for name, each in self.limits.items() if name != owner}
        own = {} if limits == OwnerLimits() else {owner: limits}
        return self.model_copy(update={"limits": {**others, **own}})

    def with_entry(self, key_id: str, entry: KeyEntry) -> Self:
        """Returns the list with an entry added or replaced."""
        return self.model_copy(update={"keys": {**self.keys, key_id: entry}})


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _is_plain_map(found: object) -> bool:
    return isinstance(found, Mapping) and all(_DIGEST.fullmatch(str(name)) for name in found)
