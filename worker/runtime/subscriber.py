"""The subscriber: a streaming pull that takes few messages at a time, and keeps their leases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPIError
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.subscriber.futures import StreamingPullFuture
from google.cloud.pubsub_v1.subscriber.scheduler import ThreadScheduler

from worker.engines.pass_limits import PassLimits
from worker.runtime.batch_planner import count_jobs_in_flight
from worker.runtime.job_source import JobSource
from worker.settings import WorkerSettings

if TYPE_CHECKING:
    from google.cloud.pubsub_v1.subscriber.message import Message

    from worker.runtime.runner import Runner

_LONGEST_JOB = 24 * 3_600  # seconds: the longest deadline that a request may set
_BEFORE_EXTENDING = 0.02  # seconds: the claim of a new job comes first, and an extension lasts for many
_LEAST_EXTENSION = 10  # seconds: what Pub/Sub allows at the least


class PromptSubscriberClient(pubsub_v1.SubscriberClient):
    """Extends the deadlines of messages in a thread of its own.

    Google's client extends the deadline of each new message before it hands the message on, and waits for the
    answer: one more round trip before each job. With exactly-once delivery it also drops a message whose
    deadline has passed by then. Here such a message is handed on: the lease in the job's record, and not the
    message, decides which worker has the job.
    """

    def __init__(self) -> None:
        super().__init__()
        self._extending = ThreadPoolExecutor(1, "extend-deadlines")
        self._is_closed = threading.Event()

    def modify_ack_deadline(self, *arguments: Any, **fields: Any) -> None:
        """Extends deadlines soon. Only what gives messages back, with 0 seconds, is done on return."""
        if arguments or not fields.get("ack_deadline_seconds"):
            super().modify_ack_deadline(*arguments, **fields)
            return
        fields["ack_ids"] = list(fields["ack_ids"])  # before the caller goes on with its iterator
        self._extending.submit(self._extend_deadlines, fields)

    def close(self) -> None:
        """Ends the connection, also that of an extension under way."""
        self._is_closed.set()
        self._extending.shutdown(wait=False, cancel_futures=True)
        super().close()

    def _extend_deadlines(self, fields: dict[str, Any]) -> None:
        """The client extends each deadline again long before it passes, so that one failure does no harm."""
        if self._is_closed.wait(_BEFORE_EXTENDING):
            return
        with suppress(GoogleAPIError):  # also that a message was settled meanwhile
            super().modify_ack_deadline(**fields)


class PullSubscriber:
    """Delivers messages to ``on_message``. The runner acknowledges them, once their jobs are committed."""

    def __init__(
        self,
        settings: WorkerSettings,
        on_message: Callable[[Message], None],
        subscription: str,
        max_messages: int,
    ) -> None:
        # The client's defaults, 1,000 messages and an hour's lease, would starve every other worker.
        # With a short extension Pub/Sub soon redelivers the messages of a worker that died.
        extension = max(_LEAST_EXTENSION, round(settings.lease_seconds))
        self._flow = pubsub_v1.types.FlowControl(
            max_messages=max_messages,
            max_lease_duration=_LONGEST_JOB,
            min_duration_per_lease_extension=extension,
            max_duration_per_lease_extension=extension,
        )
        self._path = settings.subscription_path(subscription)
        self._on_message = on_message
        self._client = PromptSubscriberClient()
        self._pull: StreamingPullFuture | None = None

    def start(self, on_end: Callable[[], None]) -> None:
        """Opens the stream. ``on_end`` is called when ``stop`` or the service ends it."""
        pull = self._client.subscribe(
            self._path,
            callback=self._on_message,
            flow_control=self._flow,
            scheduler=ThreadScheduler(ThreadPoolExecutor(max_workers=2, thread_name_prefix="message")),
            await_callbacks_on_shutdown=True,
        )

        pull.add_done_callback(lambda _: on_end())  # pyright: ignore[reportUnknownLambdaType]
        self._pull = pull

    def stop(self) -> None:
        """Ends the stream after the pending acknowledgements. Raises what ended it before."""
        if self._pull is not None:
            self._pull.cancel()
            self._pull.result()
        self._client.close()


class PullSubscribers:
    """Several subscribers as one source of jobs, which ends when the first of them does."""

    def __init__(self, subscribers: Sequence[PullSubscriber]) -> None:
        self._subscribers = subscribers

    def start(self, on_end: Callable[[], None]) -> None:
        for each in self._subscribers:
            each.start(on_end)

    def stop(self) -> None:
        """Ends all of them. Raises what ended one of them before."""
        with ExitStack() as stopping:
            for each in self._subscribers:
                stopping.callback(each.stop)


def build_subscribers(
    settings: WorkerSettings, runner: Runner, limits: Mapping[str, PassLimits]
) -> JobSource:
    """Returns the streams of the worker's subscriptions. They hold jobs for three of the largest passes."""
    in_flight = count_jobs_in_flight(settings.jobs_in_flight, limits)
    normal = PullSubscriber(settings, runner.accept, settings.worker_subscription, in_flight)
    if settings.low_subscription is None:
        return normal
    low_messages = 2 * runner.low_slots  # those on their way to the engine, and as many being finished
    low = PullSubscriber(settings, runner.accept_low, settings.low_subscription, low_messages)
    return PullSubscribers((normal, low))
