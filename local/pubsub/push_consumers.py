"""Keeps one :class:`PushConsumer` for every subscription that has an endpoint."""

from __future__ import annotations

import httpx

from local.pubsub.broker import Broker
from local.pubsub.push_consumer import MAX_IN_FLIGHT, PushConsumer
from local.pubsub.subscription import Subscription


class PushConsumers:
    """Starts and ends push delivery as subscriptions come, change and go."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._pushes: dict[Subscription, PushConsumer] = {}
        # Proxies of the environment are for other machines, not for the functions of this one.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=MAX_IN_FLIGHT)
        self._client = httpx.AsyncClient(trust_env=False, limits=limits)

    def start(self) -> None:
        """Starts delivery to the subscriptions that exist, and follows every change."""
        self._broker.on_configured = self._refresh_consumer
        for subscription in self._broker.all_subscriptions():
            self._refresh_consumer(subscription)

    async def stop(self) -> None:
        """Cancels the posts that are under way; their messages are delivered again after a restart."""
        for subscription, push in self._pushes.items():
            subscription.detach(push)
            await push.stop()
        self._pushes.clear()
        await self._client.aclose()

    def _refresh_consumer(self, subscription: Subscription) -> None:
        if former := self._pushes.pop(subscription, None):
            subscription.detach(former)
        wanted = subscription.settings.push_endpoint and not subscription.config.detached
        if wanted and self._broker.has_subscription(subscription):
            push = PushConsumer(subscription, self._client)
            self._pushes[subscription] = push
            subscription.attach(push)
