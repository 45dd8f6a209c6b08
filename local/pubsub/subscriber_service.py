"""google.pubsub.v1.Subscriber: subscriptions, and taking messages from them."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from local.pubsub import grpc_handlers, protobufs, resource_names
from local.pubsub.broker import Broker
from local.pubsub.errors import FailedPrecondition, InvalidAckIds, InvalidArgument
from local.pubsub.group_commit import GroupCommitter
from local.pubsub.grpc_handlers import RpcContext, RpcMethod
from local.pubsub.protobufs import Proto
from local.pubsub.pull_consumer import PullConsumer
from local.pubsub.snapshot_service import SnapshotService
from local.pubsub.stream_consumer import StreamConsumer
from local.pubsub.subscription import Subscription

_ACK_ID = re.compile(r"[0-9a-f]+-[0-9a-f]+-[0-9a-f]+")
MAX_ACK_DEADLINE_SECONDS = 600


class SubscriberService:
    """The service's methods.

    See https://cloud.google.com/pubsub/docs/reference/rpc/google.pubsub.v1#subscriber.
    """

    def __init__(self, broker: Broker, committer: GroupCommitter) -> None:
        self._broker = broker
        self._committer = committer

    def rpc_methods(self) -> dict[str, RpcMethod]:
        """Returns each method that has one request and one answer by its name, with the class of its
        request.
        """
        return {
            "CreateSubscription": (self.create_subscription, protobufs.Subscription),
            "GetSubscription": (self.get_subscription, protobufs.GetSubscriptionRequest),
            "UpdateSubscription": (self.update_subscription, protobufs.UpdateSubscriptionRequest),
            "ListSubscriptions": (self.list_subscriptions, protobufs.ListSubscriptionsRequest),
            "DeleteSubscription": (self.delete_subscription, protobufs.DeleteSubscriptionRequest),
            "ModifyPushConfig": (self.modify_push_config, protobufs.ModifyPushConfigRequest),
            "ModifyAckDeadline": (self.modify_ack_deadline, protobufs.ModifyAckDeadlineRequest),
            "Acknowledge": (self.acknowledge, protobufs.AcknowledgeRequest),
            "Pull": (self.pull, protobufs.PullRequest),
            **SnapshotService(self._broker, self._committer).rpc_methods(),
        }

    def grpc_handler(self) -> Any:
        """Returns the handler for a gRPC server."""
        handlers = {
            name: grpc_handlers.unary_handler(*each, self._broker)
            for name, each in self.rpc_methods().items()
        }
        handlers["StreamingPull"] = grpc_handlers.streaming_handler(
            self.streaming_pull, protobufs.StreamingPullRequest, self._broker
        )
        return grpc_handlers.service_handlers("Subscriber", handlers)

    async def create_subscription(self, request: Proto, _: RpcContext) -> Proto:
        created = self._broker.create_subscription(request)
        await self._committer.wait_flushed()
        return created

    async def get_subscription(self, request: Proto, _: RpcContext) -> Proto:
        return self._broker.read_subscription(request.subscription).config

    async def update_subscription(self, request: Proto, _: RpcContext) -> Proto:
        updated = self._broker.update_subscription(request.subscription, request.update_mask)
        await self._committer.wait_flushed()
        return updated

    async def list_subscriptions(self, request: Proto, _: RpcContext) -> Proto:
        found = self._broker.list_subscriptions(request.project)
        shown, token = resource_names.page_of_names(found, request.page_size, request.page_token)
        configs = [self._broker.read_subscription(name).config for name in shown]
        return protobufs.ListSubscriptionsResponse(subscriptions=configs, next_page_token=token)

    async def delete_subscription(self, request: Proto, _: RpcContext) -> Proto:
        self._broker.delete_subscription(request.subscription)
        await self._committer.wait_flushed()
        return protobufs.Empty()

    async def modify_push_config(self, request: Proto, _: RpcContext) -> Proto:
        self._broker.modify_push_config(request.subscription, request.push_config)
        await self._committer.wait_flushed()
        return protobufs.Empty()

    async def acknowledge(self, request: Proto, _: RpcContext) -> Proto:
        subscription = self._broker.read_subscription(request.subscription)
        _check_ack_ids(request.ack_ids)
        unknown = subscription.acknowledge(request.ack_ids)
        await self._committer.wait_flushed()
        _check_acks_known(subscription, request.ack_ids, unknown)
        return protobufs.Empty()

    async def modify_ack_deadline(self, request: Proto, _: RpcContext) -> Proto:
        subscription = self._broker.read_subscription(request.subscription)
        _check_ack_ids(request.ack_ids)
        _check_deadline(request.ack_deadline_seconds)
        seconds = [request.ack_deadline_seconds] * len(request.ack_ids)
        unknown = subscription.modify_ack_deadline(request.ack_ids, seconds)
        _check_acks_known(subscription, request.ack_ids, unknown)
        return protobufs.Empty()

    async def pull(self, request: Proto, context: RpcContext) -> Proto:
        subscription = self._pullable(request.subscription)
        if request.max_messages < 1:
            raise InvalidArgument(f"max_messages must be positive; you passed {request.max_messages}.")
        pull = PullConsumer(subscription, request.max_messages)
        received = await pull.receive(0 if request.return_immediately else context.time_remaining())
        return protobufs.PullResponse(received_messages=received)

    async def streaming_pull(
        self, requests: AsyncIterator[Proto], _: RpcContext
    ) -> AsyncGenerator[Proto, None]:
        async for first in requests:
            subscription = self._pullable(first.subscription)
            _check_stream_deadline(first)
            stream = StreamConsumer(subscription, first, self._committer)
            async with aclosing(stream.run(requests)) as responses:
                async for response in responses:
                    yield response

    def _pullable(self, name: str) -> Subscription:
        subscription = self._broker.read_subscription(name)
        if subscription.config.detached:
            raise FailedPrecondition("The subscription is detached from its topic.")
        if subscription.settings.push_endpoint:
            raise FailedPrecondition("This method isn't supported for subscriptions with a push endpoint.")
        return subscription


def _check_acks_known(subscription: Subscription, ack_ids: Sequence[str], unknown: list[str]) -> None:
    if unknown and subscription.settings.exactly_once:
        invalid = set(unknown)
        raise InvalidAckIds(unknown, [ack_id for ack_id in ack_ids if ack_id not in invalid])


def _check_ack_ids(ack_ids: Sequence[str]) -> None:
    if not ack_ids:
        raise InvalidArgument("No ack ids specified.")
    for ack_id in ack_ids:
        if not _ACK_ID.fullmatch(ack_id):
            raise InvalidArgument(f"You have passed an invalid ack ID to the service (ack_id={ack_id}).")


def _check_deadline(seconds: int) -> None:
    if not 0 <= seconds <= MAX_ACK_DEADLINE_SECONDS:
        raise InvalidArgument(f"Invalid ack deadline given (ack_deadline_seconds={seconds}).")


def _check_stream_deadline(first: Proto) -> None:
    seconds = first.stream_ack_deadline_seconds
    if not 10 <= seconds <= MAX_ACK_DEADLINE_SECONDS:
        raise InvalidArgument(f"Invalid stream ack deadline given (stream_ack_deadline_seconds={seconds}).")
