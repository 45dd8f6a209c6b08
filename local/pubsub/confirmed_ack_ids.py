"""Acks that an exactly-once subscription has confirmed, so that a repeated one succeeds again."""

from __future__ import annotations

from collections import OrderedDict

MAX_REMEMBERED = 10_000


class ConfirmedAckIds:
    """The latest ack ids."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, ack_id: str) -> None:
        self._ids[ack_id] = None
        if len(self._ids) > MAX_REMEMBERED:
            self._ids.popitem(last=False)

    def __contains__(self, ack_id: str) -> bool:
        return ack_id in self._ids
