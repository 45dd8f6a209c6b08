"""``python -m local.eventarc.bridge --functions URL``: Eventarc's part of the laptop's stack.

It pulls the events of buckets and topics and calls the functions. An event that a function does not accept is
returned and delivered again, later each time.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.subscriber.scheduler import ThreadScheduler

from functions.contract.settings import Settings
from local.capacity import CONCURRENCY
from local.eventarc.cloud_events import CloudEvent, message_event, storage_event
from local.topology import EventTrigger, list_triggers

if TYPE_CHECKING:
    from google.cloud.pubsub_v1.subscriber.futures import StreamingPullFuture
    from google.cloud.pubsub_v1.subscriber.message import Message

OUTSTANDING_PER_CALL = 4  # messages; more would wait here behind a receiver that does not answer
OUTSTANDING_ORDERED = 1_000
LEASE_SECONDS = 600

log = logging.getLogger("plantain.bridge")


class EventBridge:
    """Calls functions for messages. Safe to use from several threads at once."""

    def __init__(self, settings: Settings, functions: str, http: httpx.Client) -> None:
        self._settings = settings
        self._functions = functions
        self._http = http

    def make_callback(self, trigger: EventTrigger) -> Callable[[Message], None]:
        """Returns the callback of a subscription: it acks a message that the function accepted and nacks
        others.
        """

        def call(message: Message) -> None:
            if self.deliver_message(trigger, message):
                message.ack()
            else:
                message.nack()

        return call

    def deliver_message(self, trigger: EventTrigger, message: Message) -> bool:
        """Calls the function; returns True if it answered 2xx."""
        event = self._event(trigger, message)
        try:
            answer = self._http.post(
                f"{self._functions}/_functions/{trigger.function}",
                content=event.body,
                headers=event.headers,
                timeout=trigger.seconds,
            )
        except httpx.HTTPError as error:
            log.warning("%s was not reached: %s", trigger.function, type(error).__name__)
            return False
        if not answer.is_success:
            log.warning("%s answered %d to %s", trigger.function, answer.status_code, message.message_id)
        return answer.is_success

    def _event(self, trigger: EventTrigger, message: Message) -> CloudEvent:
        if trigger.bucket:
            return storage_event(message)
        return message_event(
            message,
            self._settings.topic_path(trigger.topic),
            self._settings.subscription_path(trigger.subscription),
        )


def subscribe_trigger(
    subscriber: pubsub_v1.SubscriberClient,
    path: str,
    callback: Callable[[Message], None],
    trigger: EventTrigger,
) -> StreamingPullFuture:
    """Starts a streaming pull with as many callbacks at a time as the function has threads.

    Where messages are ordered, those that wait for an earlier one of their key count as outstanding. More of
    them may be outstanding, so that messages of other keys are delivered too.
    """
    calls = CONCURRENCY[trigger.function]
    outstanding = OUTSTANDING_ORDERED if trigger.ordered else OUTSTANDING_PER_CALL * calls
    flow = pubsub_v1.types.FlowControl(max_messages=outstanding, max_lease_duration=LEASE_SECONDS)
    scheduler = ThreadScheduler(ThreadPoolExecutor(calls))
    return subscriber.subscribe(
        path, callback, flow_control=flow, scheduler=scheduler, await_callbacks_on_shutdown=not trigger.holds
    )


def run_bridge(settings: Settings, functions: str, stop: threading.Event) -> None:
    """Runs until ``stop`` is set, then finishes the calls that are in flight."""
    with ExitStack() as stack:
        found = list_triggers(settings)
        everything = sum(CONCURRENCY[trigger.function] for trigger in found)
        limits = httpx.Limits(max_connections=everything, max_keepalive_connections=everything)
        http = stack.enter_context(httpx.Client(limits=limits))
        subscriber = pubsub_v1.SubscriberClient()
        stack.callback(subscriber.close)
        bridge = EventBridge(settings, functions, http)
        for trigger in found:
            path = settings.subscription_path(trigger.subscription)
            future = subscribe_trigger(subscriber, path, bridge.make_callback(trigger), trigger)
            stack.callback(_stop_pulling, future)
        if ready := os.environ.get("PLANTAIN_READY_FILE"):
            Path(ready).touch()
        stop.wait()


def _stop_pulling(future: StreamingPullFuture) -> None:
    future.cancel()
    future.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", required=True, help="where the functions answer")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    run_bridge(Settings.from_environment(), parser.parse_args().functions, stop)
    os._exit(0)  # does not wait for calls that still run: their messages are delivered again


if __name__ == "__main__":
    main()
