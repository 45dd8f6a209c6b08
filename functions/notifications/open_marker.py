"""The facts about notifications on an open marker of a job or a batch: ``sweep`` sees them in a listing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ..contract.document import now
from ..contract.timestamps import parse_time

NOTIFIED = "told"  # the event of the end is published
DUE = "due"  # when the next webhook attempt is due
REMINDED = "reminded"  # the time that a reminder was sent for

LATE = timedelta(minutes=2)  # an attempt that is this late, and still not made, lost its message
AHEAD = timedelta(seconds=90)  # how long before its time a reminder is sent: ``sweep`` runs each minute


def is_waiting(facts: Mapping[str, str]) -> bool:
    """Returns True if ``sweep`` has nothing to do yet for a marker with these facts.

    That is so while the next attempt is far off, while a reminder holds it, and for ``LATE`` after it was
    due: until then its message may still be on the queue.
    """
    due = parse_time(facts.get(DUE, ""))
    if due is None:
        return False
    is_reminded = facts.get(REMINDED) == facts[DUE]
    return due - now() > AHEAD or (due > now() - LATE and (is_reminded or due <= now()))
