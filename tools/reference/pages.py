"""Pages with made sections: what stands between ``<!-- made: NAME -->`` and ``<!-- end -->``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tools.reference import commands, errors, faults, limits, models, requests, webhooks

SECTIONS: dict[str, Callable[[], str]] = {
    "request": requests.request_table,
    "parts": requests.part_tables,
    "tasks": requests.task_table,
    "limits": limits.limit_table,
    "errors": errors.service_errors,
    "laptop-errors": errors.laptop_errors,
    "payload": webhooks.payload_tables,
    "schedule": webhooks.schedule_table,
    "faults": faults.fault_table,
    "exit-statuses": commands.status_table,
    "commands": commands.command_table,
    "models": models.model_table,
}
_SECTION = re.compile(r"(?P<head><!-- made: (?P<name>[a-z-]+) -->\n).*?(?P<tail><!-- end -->)", re.DOTALL)


def renew_page(text: str) -> str:
    """Returns the page with each of its sections as the code has it. Raises KeyError for an unknown one."""
    return _SECTION.sub(lambda found: f"{found['head']}\n{SECTIONS[found['name']]()}\n{found['tail']}", text)


def find_outdated_pages(directory: Path) -> list[Path]:
    """Returns the pages of ``directory`` that differ from the code."""
    pages = sorted(directory.glob("*.md"))
    return [page for page in pages if (text := page.read_text("utf-8")) != renew_page(text)]


def used_sections(directory: Path) -> set[str]:
    """Returns the names of the sections that the pages have."""
    texts = [page.read_text("utf-8") for page in directory.glob("*.md")]
    return {found["name"] for text in texts for found in _SECTION.finditer(text)}
