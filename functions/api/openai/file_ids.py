"""Ids of files: what OpenAI's clients have for an upload of Plantain's, and for what a batch has put out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_OWN_PREFIX, _PREFIX = "up_", "file-"
_BATCH = "batch_"
_OF_BATCH = re.compile(r"file-(output|errors)-([a-z2-7]{26})\Z")


class OutputKind(StrEnum):
    """Which lines of a batch a file has: those with pictures, or the others."""

    OUTPUT = "output"
    ERRORS = "errors"


@dataclass(frozen=True)
class OutputFile:
    """A file of a batch that has ended."""

    batch_id: str
    kind: OutputKind

    @property
    def id(self) -> str:
        return f"{_PREFIX}{self.kind}-{self.batch_id.removeprefix(_BATCH)}"


def find_output_file(given: str) -> OutputFile | None:
    """Returns what the id of a batch's file names; None for the id of any other file."""
    found = _OF_BATCH.match(given)
    return OutputFile(_BATCH + found[2], OutputKind(found[1])) if found else None


def own_file_id(given: str) -> str:
    """Returns the id of a file as Plantain has it, for the one that OpenAI's clients use."""
    return _OWN_PREFIX + given.removeprefix(_PREFIX) if given.startswith(_PREFIX) else ""


def client_file_id(own: str) -> str:
    """Returns the id that OpenAI's clients use for a file."""
    return _PREFIX + own.removeprefix(_OWN_PREFIX)
