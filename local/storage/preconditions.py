"""Preconditions: what must hold of an object for a request to take effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local.storage.errors import InvalidValue, NotModified, PreconditionFailed


class Versioned(Protocol):
    """An object or bucket with the numbers that preconditions compare."""

    @property
    def generation(self) -> int: ...
    @property
    def metageneration(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Conditions on a version; None is no condition. Generation 0 means that the object does not exist.

    See https://cloud.google.com/storage/docs/request-preconditions.
    """

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    @classmethod
    def parse(cls, values: Mapping[str, Any], prefix: str = "if") -> Preconditions:
        """Reads query parameters such as ``ifGenerationMatch``. Raises InvalidValue."""
        return cls(
            parse_number(values, f"{prefix}GenerationMatch"),
            parse_number(values, f"{prefix}GenerationNotMatch"),
            parse_number(values, f"{prefix}MetagenerationMatch"),
            parse_number(values, f"{prefix}MetagenerationNotMatch"),
        )

    @classmethod
    def parse_headers(cls, headers: Mapping[str, str]) -> Preconditions:
        """Reads the XML API's headers. Raises InvalidValue."""
        return cls(
            generation=parse_number(headers, "x-goog-if-generation-match"),
            metageneration=parse_number(headers, "x-goog-if-metageneration-match"),
        )

    def check_write(self, found: Versioned | None) -> None:
        """Raises PreconditionFailed."""
        generation = found.generation if found else 0
        metageneration = found.metageneration if found else 0
        if (
            self.generation not in (None, generation)
            or self.metageneration not in (None, metageneration)
            or self.not_generation == generation
            or self.not_metageneration == metageneration
        ):
            raise PreconditionFailed

    def check_read(self, found: Versioned) -> None:
        """Raises PreconditionFailed; NotModified when the caller has this very version."""
        if self.generation not in (None, found.generation) or self.metageneration not in (
            None,
            found.metageneration,
        ):
            raise PreconditionFailed
        if found.generation == self.not_generation or found.metageneration == self.not_metageneration:
            raise NotModified


def parse_number(values: Mapping[str, Any], key: str) -> int | None:
    """Returns a 64-bit number of a query or a document; None when it is missing. Raises InvalidValue."""
    value = values.get(key)
    if value is None:
        return None
    # int() would take spaces, underscores and other alphabets' digits.
    text = str(value)
    if not (text.isascii() and text.removeprefix("-").isdigit()) or len(text) > 20:
        raise InvalidValue(f"Invalid value for {key}: {text!r} is not a number.")
    return int(text)
