"""Logs as JSON lines, as Cloud Logging reads them: with the severity, the time, and the span they belong to.

Prompts and secrets never go in: a prompt's hash may. The events are what the metrics count
(terraform/monitoring.tf, telemetry/numbers.py): who renames one renames it there.
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
    """From now on ``hear`` is told of every line: its event and its facts."""
    _listeners.append(hear)


def _install_handler() -> None:
    """On first use and not at import: whoever imports us may set up logging of their own."""
    if not _LOGGER.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLine())
        _LOGGER.addHandler(handler)
        _LOGGER.setLevel(logging.INFO)
