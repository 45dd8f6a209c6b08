"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table whose cells are on one line each; a bar in a cell is escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_table_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _table_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def code_span(text: object) -> str:
    return f"`{text}`"
