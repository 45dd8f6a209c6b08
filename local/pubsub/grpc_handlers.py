"""Makes gRPC handlers of methods: switched-on faults come before a call, errors become gRPC statuses after
it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any

import grpc
from grpc import aio

from local.pubsub.broker import Broker
from local.pubsub.errors import PubSubError, ServerUnavailable, Unimplemented
from local.pubsub.protobufs import Proto

RpcContext = aio.ServicerContext[Proto, Proto]
UnaryMethod = Callable[[Proto, RpcContext], Awaitable[Proto]]
RpcMethod = tuple[UnaryMethod, Any]
"""A method with one request and one answer, and the class of its request."""
StreamingMethod = Callable[[AsyncIterator[Proto], RpcContext], AsyncGenerator[Proto, None]]


def unary_handler(method: UnaryMethod, request: Proto, broker: Broker) -> Any:
    """Returns a handler for a method with one request of the given class and one answer."""

    async def handle(message: Proto, context: RpcContext) -> Proto:
        try:
            raise_fault(broker)
            return await method(message, context)
        except PubSubError as refused:
            await context.abort(refused.code, str(refused), refused.trailers)

    return grpc.unary_unary_rpc_method_handler(handle, request.FromString, _serialize_message)


def streaming_handler(method: StreamingMethod, request: Proto, broker: Broker) -> Any:
    """Returns a handler for a method with streams of the given class in both directions."""

    async def handle(messages: AsyncIterator[Proto], context: RpcContext) -> AsyncIterator[Proto]:
        try:
            raise_fault(broker)
            async with aclosing(method(messages, context)) as responses:
                async for response in responses:
                    yield response
        except PubSubError as refused:
            await context.abort(refused.code, str(refused), refused.trailers)

    return grpc.stream_stream_rpc_method_handler(handle, request.FromString, _serialize_message)


def unsupported_service(name: str, methods: Iterable[str]) -> Any:
    """Returns the handlers of a service that this server lacks: each call is refused with the
    method's name.
    """

    def refusing(method: str) -> Any:
        async def refuse(_: bytes, context: aio.ServicerContext[bytes, bytes]) -> bytes:
            refused = Unimplemented(f"{name}.{method}")
            await context.abort(refused.code, str(refused))

        return grpc.unary_unary_rpc_method_handler(refuse)

    return service_handlers(name, {method: refusing(method) for method in methods})


def service_handlers(name: str, methods: dict[str, Any]) -> Any:
    """Returns the handlers of a service of google.pubsub.v1, by method name."""
    return grpc.method_handlers_generic_handler(f"google.pubsub.v1.{name}", methods)


def raise_fault(broker: Broker) -> None:
    """Raises ServerUnavailable when that fault strikes."""
    if broker.faults.strikes("unavailable"):
        raise ServerUnavailable("The service was unable to fulfill your request. Please try again.")


def _serialize_message(message: Proto) -> bytes:
    return message.SerializeToString()
