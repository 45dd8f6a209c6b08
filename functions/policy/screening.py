"""The policy's verdict on a prompt. Matched terms are neither returned nor logged: only their category is."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from pydantic import Field

from ..contract.document import Part
from ..contract.manifest import Verdict
from .normal import words

_FILE = Path(__file__).with_name("policy.json")
Terms = tuple[str, ...]


class Category(Part):
    """What breaks it: any one term; a term from each group of ``together`` in the same prompt; or a term of
    the first of those groups in the prompt while the negative prompt wishes something of ``without`` away.
    """

    any: Terms = ()
    together: tuple[Terms, ...] = ()
    without: Terms = ()

    def is_broken_by(self, prompt: str, negative: str) -> bool:
        if _has(prompt, self.any):
            return True
        if not self.together or not _has(prompt, self.together[0]):
            return False
        return all(_has(prompt, group) for group in self.together[1:]) or _has(negative, self.without)


class Policy(Part):
    version: str
    categories: dict[str, Category] = Field(min_length=1)


def _has(text: str, terms: Terms) -> bool:
    return any(_phrase(term) in text for term in terms)


_phrase = cache(words)  # the policy's terms are few and always the same


@cache
def policy() -> Policy:
    """The policy that this version ships, read on first use."""
    return Policy.model_validate(json.loads(_FILE.read_text(encoding="utf-8")))


def screen(prompt: str | None, negative_prompt: str | None = None, *, subject: str = "prompt") -> Verdict:
    """Whether a picture of ``prompt`` may be asked for.

    The negative prompt says what must not be seen, so that terms in it break nothing by themselves.
    """
    rules, wanted, unwanted = policy(), words(prompt or ""), words(negative_prompt or "")
    broken = tuple(
        name for name, category in rules.categories.items() if category.is_broken_by(wanted, unwanted)
    )
    return Verdict(
        subject=subject,
        verdict="block" if broken else "allow",
        categories=broken,
        policy_version=rules.version,
    )
