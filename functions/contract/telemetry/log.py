"""Logs as JSON lines for Cloud Logging: with the severity, the time, and the current span.

Prompts and secrets are never logged; a prompt's hash may be. Metrics count the events
(terraform/monitoring.tf, metrics.py): an event that is renamed here must be renamed there.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from ..timestamps import format_time
from .trace import log_fields

Severity = Literal["INFO", "WARNING", "ERROR", "CRITICAL"]

_FACTS = "plantain_facts"
_LOGGER = logging.getLogger("plantain")
_listeners: list[Callable[[str, Mapping[str, object]], None]] = []


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, object] = getattr(record, _FACTS, {})
        at = format_time(datetime.fromtimestamp(record.created, UTC))
        line = {
            "severity": record.levelname,
            "time": at,
            "message": record.getMessage(),
            **log_fields(),
            **facts,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log(
    event: str, severity: Severity = "INFO", *, trace: BaseException | None = None, **facts: object
) -> None:
    """Writes one line: ``event`` is the message, ``facts`` are its fields."""
    _install_handler()
    _LOGGER.log(logging.getLevelNamesMapping()[severity], event, exc_info=trace, extra={_FACTS: facts})
    for hear in _listeners:
        hear(event, facts)


def add_log_listener(hear: Callable[[str, Mapping[str, object]], None]) -> None:
    """Calls ``hear`` with the event and the facts of every line from now on."""
    _listeners.append(hear)


def _install_handler() -> None:
    """Sets the handler up on first use and not at import: the importing program may set up logging itself."""
    if not _LOGGER.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLine())
        _LOGGER.addHandler(handler)
        _LOGGER.setLevel(logging.INFO)
