"""One message's place in one subscription."""

from __future__ import annotations

from dataclasses import dataclass

from local.pubsub.consumer import Consumer
from local.pubsub.published_message import PublishedMessage


@dataclass(slots=True, eq=False)
class BacklogEntry:
    """A message's place in one subscription.

    Attributes:
        key: the ordering key, or empty where the order does not matter.
        attempt: how often it was delivered.
        extra: the second delivery that the ``duplicate`` fault makes; it is not persisted.
        not_before: the time of the next delivery.
        ack_id: of the latest delivery.
        deadline: when the lease lapses.
        consumer: who holds it; None while it waits.
        lost: its lease lapses however often it is extended.
        acknowledged: it was, but an earlier message of its key was not yet.
        settled: acknowledged, dead-lettered or dropped.
    """

    message: PublishedMessage
    key: str = ""
    attempt: int = 0
    extra: bool = False
    not_before: float = 0.0
    ack_id: str = ""
    deadline: float = 0.0
    consumer: Consumer | None = None
    lost: bool = False
    acknowledged: bool = False
    settled: bool = False
