"""The base of every JSON document of Plantain: strict fields, one version number, one way to hash."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from .errors import DamagedDocument, UnsupportedVersion
from .validation.messages import explain_fault, field_of

VERSION = 1


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last hours that datetime has
        raise ValueError("must be a time that UTC has") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


def now() -> datetime:
    """Returns the current time in UTC."""
    return datetime.now(UTC)


class DocumentPart(BaseModel):
    """A piece of a document: unknown fields, infinities and lone surrogates are refused.

    The error does not repeat what was refused: errors are logged, and prompts must not be.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


class Document(DocumentPart):
    """A whole document, stored or sent, with the version of the contract that wrote it."""

    kind: ClassVar[str] = "document"
    version: int = Field(
        default=VERSION, ge=1, le=VERSION, description="The version of the contract that wrote the document."
    )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Parses a document. Raises UnsupportedVersion for a newer one and DamagedDocument for what
        is not one.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            refuse_newer(data, cls.kind)
            raise DamagedDocument(explain_fault(error), field=field_of(error)) from None

    def encode(self) -> bytes:
        """Returns the document as JSON, without fields that are None."""
        return self.model_dump_json(exclude_none=True).encode()


def refuse_newer(data: bytes, kind: str) -> None:
    """Raises UnsupportedVersion when ``data`` says that a newer Plantain wrote it."""
    try:
        document = from_json(data)  # limits the depth by itself; at Python's limit finalizers would fail
    except ValueError:
        return
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise UnsupportedVersion(f"This {kind} has version {version}; this Plantain reads up to {VERSION}.")


def sha256_of_json(value: Any) -> str:
    """Returns the SHA-256 of a JSON value in its canonical form, as hexadecimal digits."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
