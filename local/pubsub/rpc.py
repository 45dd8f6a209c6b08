"""From methods to gRPC handlers: faults before, refusals after."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any

import grpc
from grpc import aio

from local.pubsub.broker import Broker
from local.pubsub.errors import Refused, Unavailable, Unsupported
from local.pubsub.protobufs import Wire

Context = aio.ServicerContext[Wire, Wire]
Unary = Callable[[Wire, Context], Awaitable[Wire]]
Method = tuple[Unary, Any]
"""A method with one request and one answer, and the class of its request."""
Streaming = Callable[[AsyncIterator[Wire], Context], AsyncGenerator[Wire, None]]


def unary(method: Unary, request: Wire, broker: Broker) -> Any:
    """A handler for a method with one request of the given class and one answer."""

    async def handle(message: Wire, context: Context) -> Wire:
        try:
            may_fail(broker)
            return await method(message, context)
        except Refused as refused:
            await context.abort(refused.code, str(refused), refused.trailers)

    return grpc.unary_unary_rpc_method_handler(handle, request.FromString, _serialize)


def streaming(method: Streaming, request: Wire, broker: Broker) -> Any:
    """A handler for a method with streams of the given class both ways."""

    async def handle(messages: AsyncIterator[Wire], context: Context) -> AsyncIterator[Wire]:
        try:
            may_fail(broker)
            async with aclosing(method(messages, context)) as responses:
                async for response in responses:
                    yield response
        except Refused as refused:
            await context.abort(refused.code, str(refused), refused.trailers)

    return grpc.stream_stream_rpc_method_handler(handle, request.FromString, _serialize)


def unsupported(name: str, methods: Iterable[str]) -> Any:
    """The handlers of a service that this server does not have: it says so by name."""

    def refusing(method: str) -> Any:
        async def refuse(_: bytes, context: aio.ServicerContext[bytes, bytes]) -> bytes:
            refused = Unsupported(f"{name}.{method}")
            await context.abort(refused.code, str(refused))

        return grpc.unary_unary_rpc_method_handler(refuse)

    return service(name, {method: refusing(method) for method in methods})


def service(name: str, methods: dict[str, Any]) -> Any:
    """The handlers of a service of google.pubsub.v1, by method name."""
    return grpc.method_handlers_generic_handler(f"google.pubsub.v1.{name}", methods)


def may_fail(broker: Broker) -> None:
    """Raises Unavailable when that fault strikes."""
    if broker.faults.strikes("unavailable"):
        raise Unavailable("The service was unable to fulfill your request. Please try again.")


def _serialize(message: Wire) -> bytes:
    return message.SerializeToString()
