"""Logs as JSON lines, as Cloud Logging reads them. Prompts and secrets never go in: a prompt's hash may."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

Severity = Literal["INFO", "WARNING", "ERROR", "CRITICAL"]

_FACTS = "plantain_facts"
_LOGGER = logging.getLogger("plantain")


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, object] = getattr(record, _FACTS, {})
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"severity": record.levelname, "time": at, "message": record.getMessage(), **facts}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log(
    event: str, severity: Severity = "INFO", *, trace: BaseException | None = None, **facts: object
) -> None:
    """Writes one line: ``event`` is the message, ``facts`` are its fields."""
    _prepare()
    _LOGGER.log(logging.getLevelNamesMapping()[severity], event, exc_info=trace, extra={_FACTS: facts})


def _prepare() -> None:
    """On first use and not at import: whoever imports us may set up logging of their own."""
    if not _LOGGER.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLine())
        _LOGGER.addHandler(handler)
        _LOGGER.setLevel(logging.INFO)
