"""Percentiles and tables, as every benchmark prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import quantiles


def percentile(values: Sequence[float], n: int) -> float:
    """Returns the ``n``-th percentile (1–99) by linear interpolation; of one value, the value."""
    return quantiles(values, n=100, method="inclusive")[n - 1] if len(values) > 1 else values[0]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a Markdown table that can be pasted into a page; numbers are aligned right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, rule)
    return "\n".join("| " + " | ".join(_cells(line, widths)) + " |" for line in lines)


def _cells(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
