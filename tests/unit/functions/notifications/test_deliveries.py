"""A delivery's way through its schedule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.contract.document import Document, now
from functions.contract.errors import DamagedDocument
from functions.notifications.circuit_breaker import Circuit
from functions.notifications.deliveries import SCHEDULE, DeliveryAttempt, WebhookDelivery

AT = now()
NEW = WebhookDelivery(
    job_id="job_x", event_id="evt_x", type="job.succeeded", url="https://example.com", next_attempt=AT
)


def after(delivery: WebhookDelivery, status: int | None) -> WebhookDelivery:
    return delivery.with_attempt(AT).with_result(DeliveryAttempt(at=AT, status=status), AT)


def test_a_new_one_is_due_at_once() -> None:
    assert NEW.is_due(AT)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (WebhookDelivery, NEW.encode().replace(b'"tried":0', b'"tried":-50')),
        (Circuit, b'{"failures": -7}'),
    ],
)
def test_counts_below_nought_are_damage(document: type[Document], text: bytes) -> None:
    with pytest.raises(DamagedDocument):
        document.parse(text)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_any_2xx_delivers(status: int) -> None:
    told = after(NEW, status)
    assert (told.state, told.next_attempt) == ("delivered", None)


@pytest.mark.parametrize("status", [None, 100, 301, 307, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again(status: int | None) -> None:
    told = after(NEW, status)
    assert (told.state, told.next_attempt) == ("pending", AT + SCHEDULE[0])


def test_the_waits_are_those_of_the_specification() -> None:
    told, waits = NEW, list[timedelta]()
    while (told := after(told, 500)).next_attempt is not None:
        waits.append(told.next_attempt - AT)
    assert told.state == "given_up"
    assert [wait.total_seconds() for wait in waits] == [
        *(5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
    ]
    assert len(told.attempts) == 10


def test_an_attempt_under_way_belongs_to_one() -> None:
    begun = NEW.with_attempt(AT)
    assert not begun.is_due(AT + timedelta(seconds=10))
    assert begun.is_due(AT + timedelta(minutes=1))  # its sender has died


def test_a_replay_starts_the_schedule_again_and_keeps_what_was() -> None:
    told = NEW
    while told.state == "pending":
        told = after(told, 500)
    replayed = told.reset(AT)
    assert replayed.is_due(AT)
    assert len(replayed.attempts) == 10
    assert after(replayed, 500).next_attempt == AT + SCHEDULE[0]


def test_it_survives_being_written_down() -> None:
    told = after(NEW, 500)
    assert WebhookDelivery.parse(told.encode()) == told
