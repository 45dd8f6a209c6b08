"""Push delivery: messages are posted to an endpoint, and its answer acknowledges them or not.

The body is the wrapped JSON of https://cloud.google.com/pubsub/docs/push#receive_push, unless the
subscription asks for no wrapper. No OIDC token is attached: on a laptop there is no issuer that could sign
one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from typing import Any

import httpx

from local.pubsub.consumer import Consumer
from local.pubsub.errors import PubSubError
from local.pubsub.protobufs import Proto
from local.pubsub.subscription import Subscription

log = logging.getLogger(__name__)

MAX_IN_FLIGHT = 32
ACKNOWLEDGING = frozenset({102, 200, 201, 202, 204})
"""The answers that acknowledge, as the service documents them; all others are nacks, redirects as well."""


class PushConsumer(Consumer):
    """Delivers one subscription's messages to its endpoint.

    Args:
        subscription: with a push endpoint.
        client: does not follow redirects.
    """

    def __init__(self, subscription: Subscription, client: httpx.AsyncClient) -> None:
        super().__init__(subscription.settings.ack_deadline, MAX_IN_FLIGHT, 0)
        self.most_of_a_key = 1  # posts that are under way at once may arrive in any order
        self._subscription = subscription
        self._client = client
        self._failing = False
        self._posts: set[asyncio.Task[None]] = set()

    def take(self, received: Proto) -> None:
        post = asyncio.create_task(self._deliver_message(received))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)

    def end(self, refused: PubSubError) -> None:
        """Cancels nothing: posts that are under way run to their end."""

    async def stop(self) -> None:
        """Cancels the posts that are under way; their messages are delivered again after a restart."""
        for post in list(self._posts):
            post.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)

    async def _deliver_message(self, received: Proto) -> None:
        if await self._post_message(received):
            self._subscription.acknowledge([received.ack_id])
        else:
            self._subscription.modify_ack_deadline([received.ack_id], [0])

    async def _post_message(self, received: Proto) -> bool:
        config = self._subscription.config
        endpoint = config.push_config.push_endpoint
        try:
            if config.push_config.HasField("no_wrapper"):
                body, headers = unwrapped_body(received, config)
            else:
                body, headers = wrapped_body(received, config)
            # httpx's own timeouts start again with every byte.
            async with asyncio.timeout(self.lease_seconds):
                response = await self._client.post(
                    endpoint, content=body, headers=_encode_headers(headers), timeout=self.lease_seconds
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return self._note_outcome(False, f"{type(error).__name__} {error}")
        return self._note_outcome(response.status_code in ACKNOWLEDGING, f"HTTP {response.status_code}")

    def _note_outcome(self, delivered: bool, outcome: str) -> bool:
        """Returns ``delivered``, and logs changes of it only, because there are many retries."""
        if self._failing == delivered:
            endpoint = self._subscription.settings.push_endpoint
            log.warning(
                "pubsub: push to %s %s: %s", endpoint, "works again" if delivered else "fails", outcome
            )
        self._failing = not delivered
        return delivered


def wrapped_body(received: Proto, config: Proto) -> tuple[bytes, dict[str, str]]:
    """Returns the JSON body that a push subscription posts, and its headers."""
    message = received.message
    published = message.publish_time.ToJsonString()
    # Both spellings are what the service sends.
    content: dict[str, Any] = {
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.data:
        content["data"] = base64.b64encode(message.data).decode()
    if message.attributes:
        content["attributes"] = dict(message.attributes)
    if message.ordering_key:
        content["orderingKey"] = message.ordering_key
    envelope: dict[str, Any] = {"message": content, "subscription": config.name}
    if received.delivery_attempt:
        envelope["deliveryAttempt"] = received.delivery_attempt
    return json.dumps(envelope).encode(), _base_headers("application/json")


def unwrapped_body(received: Proto, config: Proto) -> tuple[bytes, dict[str, str]]:
    """Returns the bare data; the metadata is in the headers where the subscription asks for it."""
    message = received.message
    headers = _base_headers("application/octet-stream")
    if config.push_config.no_wrapper.write_metadata:
        headers |= dict(message.attributes)
        headers["x-goog-pubsub-subscription-name"] = config.name
        headers["x-goog-pubsub-message-id"] = message.message_id
        headers["x-goog-pubsub-publish-time"] = message.publish_time.ToJsonString()
        if message.ordering_key:
            headers["x-goog-pubsub-ordering-key"] = message.ordering_key
        if received.delivery_attempt:
            headers["x-goog-pubsub-delivery-attempt"] = str(received.delivery_attempt)
    return message.data, headers


def _encode_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    # Attributes may be any text, and httpx takes only ASCII for text.
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _base_headers(content_type: str) -> dict[str, str]:
    return {"content-type": content_type, "user-agent": "CloudPubSub-Google", "from": "noreply@google.com"}
