"""The policy as its files define it: one file for each category, with all languages inside."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from ..contract.document import DocumentPart
from ..contract.policy_decision import Decision

_HERE = Path(__file__).parent
Words = dict[str, tuple[str, ...]]
"""Terms by language; see ``terms`` for how they are written."""


class TermPair(DocumentPart):
    """A term of each group in one text, in any order and in any languages.

    ``within`` is how many letters may stand between them; without it they may be anywhere.
    """

    groups: tuple[str, str]
    within: int | None = Field(default=None, ge=1)


class Category(DocumentPart):
    """A category. A text breaks it by any of ``terms``, of ``ambiguous`` that no context excuses, or of
    ``together``.

    ``without`` names what a negative prompt must not wish away from a prompt with a term of the first group.
    ``harmless`` are whole names: a term inside one does not count.
    """

    verdict: Decision
    locked: bool = False
    contexts: tuple[str, ...] = ()
    together: tuple[TermPair, ...] = ()
    terms: Words = Field(default={})
    ambiguous: Words = Field(default={})
    harmless: Words = Field(default={})
    without: Words = Field(default={})
    groups: dict[str, Words] = Field(default={})

    @model_validator(mode="after")
    def _locked_is_strict(self) -> Self:
        if self.locked and (self.verdict != "block" or self.contexts or self.ambiguous):
            raise ValueError("a locked category blocks, and no context excuses it")
        return self

    @model_validator(mode="after")
    def _groups_are_there(self) -> Self:
        if unknown := {name for each in self.together for name in each.groups} - set(self.groups):
            raise ValueError(f"there are no groups {', '.join(sorted(unknown))}")
        return self


class Policy(DocumentPart):
    version: str
    contexts: dict[str, Words] = Field(default={})
    categories: dict[str, Category] = Field(min_length=1)

    @model_validator(mode="after")
    def _contexts_are_there(self) -> Self:
        for name, category in self.categories.items():
            if unknown := set(category.contexts) - set(self.contexts):
                raise ValueError(f"{name} heeds contexts that there are not: {', '.join(sorted(unknown))}")
        return self


def read_policy(folder: Path) -> Policy:
    """Reads the policy of a folder. Its version ends in a hash of the files, so that every change shows."""
    files = [folder / "policy.toml", *sorted((folder / "categories").glob("*.toml"))]
    texts = [file.read_bytes() for file in files]
    general = tomllib.loads(texts[0].decode())
    named = zip(files[1:], texts[1:], strict=True)
    categories = {file.stem: tomllib.loads(text.decode()) for file, text in named}
    fingerprint = hashlib.sha256(b"\0".join(texts)).hexdigest()[:8]
    general["version"] = f"{general['version']}+{fingerprint}"
    return Policy.model_validate({**general, "categories": categories})


@cache
def shipped_policy() -> Policy:
    """Returns the policy that this version ships, read on first use."""
    return read_policy(_HERE)
