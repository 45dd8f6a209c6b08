"""google.pubsub.v1.Publisher: topics, and publishing to them."""

from __future__ import annotations

from typing import Any

from local.pubsub import grpc_handlers, protobufs, resource_names
from local.pubsub.broker import Broker
from local.pubsub.group_commit import GroupCommitter
from local.pubsub.grpc_handlers import RpcContext, RpcMethod
from local.pubsub.protobufs import Proto


class PublisherService:
    """The service's methods. Whatever they answer survives a kill.

    See https://cloud.google.com/pubsub/docs/reference/rpc/google.pubsub.v1#publisher.
    """

    def __init__(self, broker: Broker, committer: GroupCommitter) -> None:
        self._broker = broker
        self._committer = committer

    def rpc_methods(self) -> dict[str, RpcMethod]:
        """Returns each method by its name, with the class of its request."""
        return {
            "CreateTopic": (self.create_topic, protobufs.Topic),
            "GetTopic": (self.get_topic, protobufs.GetTopicRequest),
            "UpdateTopic": (self.update_topic, protobufs.UpdateTopicRequest),
            "ListTopics": (self.list_topics, protobufs.ListTopicsRequest),
            "ListTopicSubscriptions": (
                self.list_topic_subscriptions,
                protobufs.ListTopicSubscriptionsRequest,
            ),
            "ListTopicSnapshots": (self.list_topic_snapshots, protobufs.ListTopicSnapshotsRequest),
            "DeleteTopic": (self.delete_topic, protobufs.DeleteTopicRequest),
            "Publish": (self.publish, protobufs.PublishRequest),
            "DetachSubscription": (self.detach_subscription, protobufs.DetachSubscriptionRequest),
        }

    def grpc_handler(self) -> Any:
        """Returns the handler for a gRPC server."""
        methods = self.rpc_methods().items()
        return grpc_handlers.service_handlers(
            "Publisher", {name: grpc_handlers.unary_handler(*each, self._broker) for name, each in methods}
        )

    async def create_topic(self, request: Proto, _: RpcContext) -> Proto:
        topic = self._broker.topics.create(request).config
        await self._committer.wait_flushed()
        return topic

    async def get_topic(self, request: Proto, _: RpcContext) -> Proto:
        return self._broker.topics.read(request.topic).config

    async def update_topic(self, request: Proto, _: RpcContext) -> Proto:
        topic = self._broker.topics.update(request.topic, request.update_mask).config
        await self._committer.wait_flushed()
        return topic

    async def list_topics(self, request: Proto, _: RpcContext) -> Proto:
        found = self._broker.topics.list_names(request.project)
        shown, token = resource_names.page_of_names(found, request.page_size, request.page_token)
        topics = [self._broker.topics.read(name).config for name in shown]
        return protobufs.ListTopicsResponse(topics=topics, next_page_token=token)

    async def list_topic_subscriptions(self, request: Proto, _: RpcContext) -> Proto:
        found = sorted(s.name for s in self._broker.topics.read(request.topic).subscriptions)
        shown, token = resource_names.page_of_names(found, request.page_size, request.page_token)
        return protobufs.ListTopicSubscriptionsResponse(subscriptions=shown, next_page_token=token)

    async def list_topic_snapshots(self, request: Proto, _: RpcContext) -> Proto:
        found = self._broker.replay.list_snapshots_of(self._broker.topics.read(request.topic).config.name)
        shown, token = resource_names.page_of_names(found, request.page_size, request.page_token)
        return protobufs.ListTopicSnapshotsResponse(snapshots=shown, next_page_token=token)

    async def delete_topic(self, request: Proto, _: RpcContext) -> Proto:
        self._broker.delete_topic(request.topic)
        await self._committer.wait_flushed()
        return protobufs.Empty()

    async def publish(self, request: Proto, _: RpcContext) -> Proto:
        # Subscribers get the messages while they are being written: one that is killed in between has seen a
        # message whose publish call never returned, which at-least-once delivery allows.
        message_ids = self._broker.publish(request.topic, request.messages)
        await self._committer.wait_flushed()
        return protobufs.PublishResponse(message_ids=message_ids)

    async def detach_subscription(self, request: Proto, _: RpcContext) -> Proto:
        self._broker.detach_subscription(request.subscription)
        await self._committer.wait_flushed()
        return protobufs.DetachSubscriptionResponse()
