"""The vocabulary of a model that draws nothing beside a list of words, as lines of the command line."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from worker.scene_vocabulary.foreign_names import LANGUAGES, load_language
from worker.scene_vocabulary.listing import list_vocabulary

_MODELS = ("starter",)
"""The models that draw scenes alone, by the names that `plantain up` gives them."""


def vocabulary_of(model: str) -> dict[str, list[str]] | None:
    """Returns everything that the model can draw, by kind; None for a model that is not limited to a list."""
    if model not in _MODELS:
        return None
    languages = ["English", *(load_language(code).language for code in LANGUAGES)]
    return {**{kind: list(names) for kind, names in list_vocabulary().items()}, "languages": languages}


def vocabulary_lines(vocabulary: dict[str, Any]) -> Table:
    """Returns a table with a row for each kind of word."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    for kind, names in vocabulary.items():
        rows.add_row(kind, ", ".join(names))
    return rows
