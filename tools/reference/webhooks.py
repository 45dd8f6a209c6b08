"""The body of a webhook, and the times of its attempts."""

from __future__ import annotations

from datetime import timedelta

from functions.contract.batch import BatchEnded, BatchEvent
from functions.contract.errors import BlockFacts, ErrorFacts
from functions.contract.message import JobEnded, JobEvent
from functions.notifications.deliveries import SCHEDULE
from tools.reference.limits import format_duration
from tools.reference.markdown import markdown_table
from tools.reference.requests import field_table


def payload_tables() -> str:
    named = (
        ("The body", JobEvent),
        ("`data` of a job", JobEnded),
        ("`data` of a batch", BatchEnded),
        ("`error`", ErrorFacts),
        ("`block`", BlockFacts),
    )
    types = ", ".join(
        f"`{name}`"
        for event in (JobEvent, BatchEvent)
        for name in event.model_json_schema()["properties"]["type"]["enum"]
    )
    tables = [f"**{title}**\n\n{field_table(model.model_json_schema())}" for title, model in named]
    return "\n".join([*tables, f"The types are {types}.\n"])


def schedule_table() -> str:
    """Returns one row for each attempt, with the time since the one before and since the first one."""
    since, rows = timedelta(), [["1", "at once", "–"]]
    for n, pause in enumerate(SCHEDULE, start=2):
        since += pause
        rows.append([str(n), f"{format_duration(pause)} later", format_duration(since)])
    return markdown_table(["attempt", "when", "since the first"], rows)
