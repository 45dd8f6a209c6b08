"""The one way to publish a message: it is accepted when the call returns, or the call raises Transient."""

from __future__ import annotations

from typing import Protocol

from google.api_core.exceptions import GoogleAPIError

from ..errors import Transient
from ..settings import Settings
from ..telemetry import HEADER, traceparent

_SECONDS = 10.0  # for all tries of one message


class Publish(Protocol):
    def __call__(self, topic: str, data: bytes, *, ordering_key: str = "", **attributes: str) -> None:
        """Publishes ``data`` to ``topic``, a topic's short name. Raises Transient when it is not accepted."""


def connect_publisher(settings: Settings) -> Publish:
    """Returns a function that publishes in its caller's own thread, with the current trace as an attribute.

    Google's batching client tries for ever in a thread of its own once it knows ordering keys, and refuses
    all later messages of a key that failed once. The subscription keeps the order: here a key is one field.
    """
    from google.api_core.retry import Retry
    from google.cloud import pubsub_v1  # honours PUBSUB_EMULATOR_HOST
    from google.pubsub_v1 import PublisherClient, PubsubMessage

    client = pubsub_v1.PublisherClient()

    def publish(topic: str, data: bytes, *, ordering_key: str = "", **attributes: str) -> None:
        if place := traceparent():
            attributes[HEADER] = place
        message = PubsubMessage(data=data, attributes=attributes, ordering_key=ordering_key)
        retry = Retry(initial=0.1, maximum=2.0, timeout=_SECONDS)
        try:
            PublisherClient.publish(  # the plain call, past the batching of the client's own class
                client,
                topic=settings.topic_path(topic),
                messages=[message],
                retry=retry,
                timeout=_SECONDS,
            )
        except GoogleAPIError as error:
            raise Transient(f"Pub/Sub did not take the message: {type(error).__name__}.") from error

    return publish
