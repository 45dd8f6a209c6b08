"""A topic, and the registry of all topics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from google.protobuf import field_mask_pb2

from local.pubsub import protobufs, resource_names, subscription_settings
from local.pubsub.errors import ResourceAlreadyExists, ResourceNotFound
from local.pubsub.journal import Journal
from local.pubsub.proto_updates import apply_field_mask, copy_proto
from local.pubsub.protobufs import Proto
from local.pubsub.subscription import Subscription

MUTABLE_FIELDS = frozenset({"labels", "message_retention_duration", "message_storage_policy", "kms_key_name"})
"""The fields that UpdateTopic takes."""


@dataclass(slots=True, eq=False)
class Topic:
    """A topic and the subscriptions that receive its messages."""

    config: Proto
    subscriptions: list[Subscription] = field(default_factory=list[Subscription])


class TopicRegistry:
    """Every topic by its name. Changes are written to the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._topics: dict[str, Topic] = {}

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics.values())

    def restore(self, configs: dict[str, bytes]) -> None:
        """Adds the topics that the journal holds."""
        for name, config in configs.items():
            self._topics[name] = Topic(protobufs.Topic.FromString(config))

    def create(self, config: Proto) -> Topic:
        """Creates a topic.

        Raises:
            InvalidArgument: the name or a value is not allowed.
            ResourceAlreadyExists: the name is taken.
            Unimplemented: the emulator lacks a feature that the topic asks for.
        """
        subscription_settings.check_topic_config(config)
        if config.name in self._topics:
            raise ResourceAlreadyExists(config.name)
        return self._put(Topic(copy_proto(config)))

    def find(self, name: str) -> Topic | None:
        """Returns a topic; None where there is none of this name."""
        return self._topics.get(name)

    def read(self, name: str) -> Topic:
        """Returns a topic. Raises ResourceNotFound."""
        topic = self._topics.get(name)
        if topic is None:
            raise ResourceNotFound(name)
        return topic

    def update(self, update: Proto, mask: field_mask_pb2.FieldMask) -> Topic:
        """Sets the fields that the mask names. Raises ResourceNotFound, or InvalidArgument."""
        topic = self.read(update.name)
        config = apply_field_mask(topic.config, update, mask, MUTABLE_FIELDS)
        subscription_settings.check_topic_config(config)
        topic.config = config
        return self._put(topic)

    def list_names(self, project: str) -> list[str]:
        """Returns the names of a project's topics, sorted."""
        return resource_names.names_of_project(project, self._topics)

    def remove(self, name: str) -> Topic:
        """Removes a topic and returns it. Raises ResourceNotFound."""
        topic = self.read(name)
        del self._topics[name]
        self._journal.drop_topic(name)
        return topic

    def _put(self, topic: Topic) -> Topic:
        self._topics[topic.config.name] = topic
        self._journal.put_topic(topic.config.name, topic.config.SerializeToString())
        return topic
