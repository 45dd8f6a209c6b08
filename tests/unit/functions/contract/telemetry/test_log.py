"""Logs, as Cloud Logging reads them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime

from functions.contract.telemetry.log import JsonLine


def line(exc_info: bool = False, **facts: object) -> dict[str, object]:
    record = logging.LogRecord(
        "plantain", logging.WARNING, "here.py", 1, "job.ended", (), sys.exc_info() if exc_info else None
    )
    record.plantain_facts = facts
    text = JsonLine().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_is_one_json_object_with_the_facts_as_fields() -> None:
    written = line(job_id="job_a", seconds=0.5)
    assert written["severity"] == "WARNING"
    assert written["message"] == "job.ended"
    assert (written["job_id"], written["seconds"]) == ("job_a", 0.5)
    assert datetime.fromisoformat(str(written["time"])).tzinfo is not None
    assert str(written["time"]).endswith("Z")


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert line(where=ValueError("no"))["where"] == "no"


def test_a_trace_stays_on_the_line() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        assert "ValueError: no" in str(line(exc_info=True)["exception"])
