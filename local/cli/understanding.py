"""How a prompt was understood, as a table of the command line."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from local.client.api_client import PlantainClient, RequestRefused
from local.client.understanding import understanding_rows


def understanding_lines(plantain: PlantainClient, job: dict[str, Any]) -> Table | None:
    """Returns a table of two columns; None for a job without a manifest or without a prompt."""
    if not job.get("ended"):
        return None
    try:
        manifest = plantain.manifest(job["id"])
    except RequestRefused:  # its results were deleted
        return None
    rows = Table(box=None, show_header=False, pad_edge=False)
    for name, text in understanding_rows(manifest):
        rows.add_row(name, escape(text))
    return rows if rows.row_count else None
