"""One StreamingPull: messages one way, acknowledgements and deadlines the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from local.pubsub import protobufs
from local.pubsub.consumer import Consumer
from local.pubsub.errors import InvalidArgument, PubSubError
from local.pubsub.group_commit import GroupCommitter
from local.pubsub.protobufs import Proto
from local.pubsub.subscription import Subscription

MAX_UNSENT = 1000
MAX_RESPONSE_BYTES = 3_000_000
"""The most bytes of one response, unless one message is larger; gRPC clients refuse over 4 MiB by default."""


class StreamConsumer(Consumer):
    """A client's stream.

    Args:
        subscription: where messages come from.
        first: the StreamingPullRequest that opened the stream, with its ack deadline and flow control.
        committer: confirms acknowledgements once they are on disk.
    """

    def __init__(self, subscription: Subscription, first: Proto, committer: GroupCommitter) -> None:
        super().__init__(
            first.stream_ack_deadline_seconds, first.max_outstanding_messages, first.max_outstanding_bytes
        )
        self._subscription = subscription
        self._committer = committer
        self._first = first
        self._unsent: deque[Proto] = deque()
        self._confirmations: deque[Proto] = deque()
        self._refused: PubSubError | None = None
        self._half_closed = False
        self._changed = asyncio.Event()

    def has_room(self) -> bool:
        return len(self._unsent) < MAX_UNSENT and super().has_room()

    def take(self, received: Proto) -> None:
        self._unsent.append(received)
        self._changed.set()

    def end(self, refused: PubSubError) -> None:
        self._refused = refused
        self._changed.set()

    async def run(self, requests: AsyncIterator[Proto]) -> AsyncGenerator[Proto, None]:
        """Yields the responses until the client disconnects.

        Raises:
            PubSubError: a request was wrong, or the subscription was deleted.
        """
        reader = asyncio.create_task(self._read_requests(requests))
        self._subscription.attach(self)
        try:
            yield self._new_response()  # tells a client about exactly-once delivery before its first message
            async with aclosing(self._pending_responses()) as responses:
                async for response in responses:
                    yield response
        finally:
            self._subscription.detach(self)
            self._subscription.hand_back([received.ack_id for received in self._unsent])
            reader.cancel()

    async def _pending_responses(self) -> AsyncGenerator[Proto, None]:
        while not self._half_closed:
            await self._changed.wait()
            self._changed.clear()
            while self._confirmations:
                yield self._confirmations.popleft()
            while self._unsent:
                batch = self._next_batch()
                self._subscription.dispatch()
                yield self._new_response(received_messages=batch)
            if self._refused:
                raise self._refused

    def _next_batch(self) -> list[Proto]:
        batch = [self._unsent.popleft()]
        size = batch[0].ByteSize()
        while self._unsent and (size := size + self._unsent[0].ByteSize()) <= MAX_RESPONSE_BYTES:
            batch.append(self._unsent.popleft())
        return batch

    def _new_response(self, **fields: Proto) -> Proto:
        settings = self._subscription.settings
        response = protobufs.StreamingPullResponse(**fields)
        response.subscription_properties.exactly_once_delivery_enabled = settings.exactly_once
        response.subscription_properties.message_ordering_enabled = settings.ordered
        return response

    async def _read_requests(self, requests: AsyncIterator[Proto]) -> None:
        try:
            await self._apply_request(self._first)
            async for request in requests:
                _check_follow_up(request)
                self.lease_seconds = request.stream_ack_deadline_seconds or self.lease_seconds
                await self._apply_request(request)
            self._half_closed = True
        except PubSubError as refused:
            self._refused = refused
        self._changed.set()

    async def _apply_request(self, request: Proto) -> None:
        if request.modify_deadline_ack_ids:
            self._modify_deadlines(request)
        if request.ack_ids:
            await self._acknowledge(request.ack_ids)

    def _modify_deadlines(self, request: Proto) -> None:
        ids, seconds = request.modify_deadline_ack_ids, request.modify_deadline_seconds
        if len(ids) != len(seconds):
            raise InvalidArgument("modify_deadline_ack_ids and modify_deadline_seconds differ in length.")
        if not all(0 <= each <= 600 for each in seconds):
            raise InvalidArgument("modify_deadline_seconds must be between 0 and 600.")
        invalid = self._subscription.modify_ack_deadline(ids, seconds)
        if self._subscription.settings.exactly_once:
            response = self._new_response()
            response.modify_ack_deadline_confirmation.ack_ids.extend(set(ids) - set(invalid))
            response.modify_ack_deadline_confirmation.invalid_ack_ids.extend(invalid)
            self._queue_confirmation(response)

    async def _acknowledge(self, ack_ids: list[str]) -> None:
        invalid = self._subscription.acknowledge(ack_ids)
        if self._subscription.settings.exactly_once:
            await self._committer.wait_flushed()
            response = self._new_response()
            response.acknowledge_confirmation.ack_ids.extend(set(ack_ids) - set(invalid))
            response.acknowledge_confirmation.invalid_ack_ids.extend(invalid)
            self._queue_confirmation(response)

    def _queue_confirmation(self, response: Proto) -> None:
        self._confirmations.append(response)
        self._changed.set()


def _check_follow_up(request: Proto) -> None:
    """Raises InvalidArgument where a later request sets what only the first one may."""
    if request.subscription or request.max_outstanding_messages or request.max_outstanding_bytes:
        raise InvalidArgument(
            "The subscription and flow control belong in the first request of a stream only."
        )
    if request.stream_ack_deadline_seconds and not 10 <= request.stream_ack_deadline_seconds <= 600:
        raise InvalidArgument(f"Invalid stream ack deadline given ({request.stream_ack_deadline_seconds=}).")
