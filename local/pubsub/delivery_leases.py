"""The deliveries of one subscription that wait for an acknowledgement, each until its deadline."""

from __future__ import annotations

import math
from collections.abc import Callable

from local.pubsub.backlog_entry import BacklogEntry
from local.pubsub.timer_queue import Clock, TimerQueue


class DeliveryLeases:
    """Finds deliveries by their ack id and reports those whose deadline has passed.

    One timer runs for the earliest deadline and looks at every lease when it is due. Most leases end with an
    acknowledgement long before their deadline, so a timer for each would mostly be wasted.

    Args:
        clock: tells the time.
        timers: calls at the earliest deadline.
        on_lapsed: is called with each delivery whose deadline has passed.
        on_checked: is called once after the deliveries that lapsed together.
    """

    def __init__(
        self,
        clock: Clock,
        timers: TimerQueue,
        on_lapsed: Callable[[BacklogEntry], None],
        on_checked: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._on_lapsed = on_lapsed
        self._on_checked = on_checked
        self._current: dict[str, BacklogEntry] = {}
        self._lapsed: dict[str, BacklogEntry] = {}
        self._next_check = math.inf

    def grant(self, entry: BacklogEntry, ack_id: str, seconds: float) -> None:
        """Starts the lease of a new delivery."""
        self.forget_lapsed(entry)
        entry.ack_id = ack_id
        self._current[ack_id] = entry
        self.set_deadline(entry, self._clock() + seconds)

    def find(self, ack_id: str) -> BacklogEntry | None:
        """Returns the delivery whose lease has not ended."""
        return self._current.get(ack_id)

    def end(self, ack_id: str) -> BacklogEntry | None:
        """Ends a lease and returns its delivery; None when the lease had ended before."""
        return self._current.pop(ack_id, None)

    def end_lapsed(self, ack_id: str) -> BacklogEntry | None:
        """Returns a delivery whose lease lapsed, if the message was not delivered again since."""
        return self._lapsed.pop(ack_id, None)

    def forget_lapsed(self, entry: BacklogEntry) -> None:
        """Ignores a later acknowledgement of the entry's last delivery."""
        self._lapsed.pop(entry.ack_id, None)

    def set_deadline(self, entry: BacklogEntry, deadline: float) -> None:
        """Moves the deadline of a lease."""
        entry.deadline = deadline
        if deadline < self._next_check:
            self._next_check = deadline
            self._timers.at(deadline, self._check)

    def clear(self) -> None:
        """Forgets every lease."""
        self._current.clear()
        self._lapsed.clear()

    def _check(self) -> None:
        now = self._clock()
        if now < self._next_check:
            return
        self._next_check = math.inf
        for entry in [each for each in self._current.values() if each.deadline <= now]:
            # An earlier message of the same key may have called this one back a moment ago.
            if self._current.pop(entry.ack_id, None) is not None:
                self._lapsed[entry.ack_id] = entry
                self._on_lapsed(entry)
        if self._current:
            earliest = min(self._current.values(), key=lambda entry: entry.deadline)
            self.set_deadline(earliest, earliest.deadline)
        self._on_checked()
