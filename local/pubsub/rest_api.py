"""Pub/Sub's JSON API over HTTP: the same methods as over gRPC, for gcloud, curl and clients without gRPC.

https://cloud.google.com/pubsub/docs/reference/rest
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

import grpc
from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.http_servers.google_errors import error_response
from local.pubsub import grpc_handlers
from local.pubsub.broker import Broker
from local.pubsub.errors import InvalidArgument, PubSubError, Unimplemented
from local.pubsub.protobufs import Proto

MAX_BODY = 20_000_000
"""Bytes of a request: 10 MB of messages are 13.4 MB in base64."""

_STATUS = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
}
_TOPIC, _SUBSCRIPTION, _SNAPSHOT = (
    rf"projects/[^/]+/{kind}/[^/:]+" for kind in ("topics", "subscriptions", "snapshots")
)


@dataclass(frozen=True, slots=True)
class RestRoute:
    """An address and its method.

    Attributes:
        name: of the method of google.pubsub.v1.
        verb: of HTTP.
        path: a pattern; its group is a resource's name.
        field: of the request, that takes the resource's name.
    """

    name: str
    verb: str
    path: re.Pattern[str]
    field: str


def _make_route(name: str, verb: str, resource: str, field: str, rest: str = "") -> RestRoute:
    return RestRoute(name, verb, re.compile(rf"/v1/({resource}){rest}"), field)


ROUTES = (
    _make_route("CreateTopic", "PUT", _TOPIC, "name"),
    _make_route("UpdateTopic", "PATCH", _TOPIC, "topic.name"),
    _make_route("GetTopic", "GET", _TOPIC, "topic"),
    _make_route("DeleteTopic", "DELETE", _TOPIC, "topic"),
    _make_route("ListTopics", "GET", "projects/[^/]+", "project", "/topics"),
    _make_route("ListTopicSubscriptions", "GET", _TOPIC, "topic", "/subscriptions"),
    _make_route("ListTopicSnapshots", "GET", _TOPIC, "topic", "/snapshots"),
    _make_route("Publish", "POST", _TOPIC, "topic", ":publish"),
    _make_route("CreateSubscription", "PUT", _SUBSCRIPTION, "name"),
    _make_route("UpdateSubscription", "PATCH", _SUBSCRIPTION, "subscription.name"),
    _make_route("GetSubscription", "GET", _SUBSCRIPTION, "subscription"),
    _make_route("DeleteSubscription", "DELETE", _SUBSCRIPTION, "subscription"),
    _make_route("ListSubscriptions", "GET", "projects/[^/]+", "project", "/subscriptions"),
    _make_route("DetachSubscription", "POST", _SUBSCRIPTION, "subscription", ":detach"),
    _make_route("Pull", "POST", _SUBSCRIPTION, "subscription", ":pull"),
    _make_route("Acknowledge", "POST", _SUBSCRIPTION, "subscription", ":acknowledge"),
    _make_route("ModifyAckDeadline", "POST", _SUBSCRIPTION, "subscription", ":modifyAckDeadline"),
    _make_route("ModifyPushConfig", "POST", _SUBSCRIPTION, "subscription", ":modifyPushConfig"),
    _make_route("Seek", "POST", _SUBSCRIPTION, "subscription", ":seek"),
    _make_route("CreateSnapshot", "PUT", _SNAPSHOT, "name"),
    _make_route("UpdateSnapshot", "PATCH", _SNAPSHOT, "snapshot.name"),
    _make_route("GetSnapshot", "GET", _SNAPSHOT, "snapshot"),
    _make_route("DeleteSnapshot", "DELETE", _SNAPSHOT, "snapshot"),
    _make_route("ListSnapshots", "GET", "projects/[^/]+", "project", "/snapshots"),
)
_UNSUPPORTED = re.compile(r"/v1/projects/[^/]+/(schemas)\b.*|/v1/.*:((?:get|set|test)Iam\w+)")


class AddressUnknown(PubSubError):
    """There is no method at this address."""

    code = grpc.StatusCode.NOT_FOUND


class NoDeadline:
    """Stands in for gRPC's context: HTTP has no deadline, so that the service's own limits hold."""

    def time_remaining(self) -> None:
        """Returns None: the caller waits as long as the service would."""


class RestApi:
    """The ASGI application.

    Args:
        methods: of google.pubsub.v1, by name, with the class of their request.
        broker: for its faults.
    """

    def __init__(self, methods: Mapping[str, grpc_handlers.RpcMethod], broker: Broker) -> None:
        self._methods = methods
        self._broker = broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _read_body(Request(scope, receive))
            answer = await _answer_unless_disconnected(self._call_method(scope, body), receive)
        except PubSubError as refused:
            await _error_response(refused)(scope, receive, send)
            return
        if answer is not None:
            content = json_format.MessageToJson(answer, indent=None).encode()
            await Response(content, media_type="application/json")(scope, receive, send)

    async def _call_method(self, scope: Scope, body: bytes) -> Proto:
        """Raises PubSubError."""
        grpc_handlers.raise_fault(self._broker)
        route, resource = _find_route(scope["method"], unquote(scope["path"]))
        method, request_class = self._methods[route.name]
        request = request_class()
        _read_body_into(body, request)
        _read_query_into(scope["query_string"].decode("latin-1"), request)
        *outer, field = route.field.split(".")
        holder = getattr(request, outer[0]) if outer else request
        setattr(holder, field, resource)
        return await method(request, cast(grpc_handlers.RpcContext, NoDeadline()))


def _find_route(verb: str, path: str) -> tuple[RestRoute, str]:
    """Returns the route of an address and the resource that it names.

    Raises AddressUnknown or Unimplemented.
    """
    for route in ROUTES:
        found = route.path.fullmatch(path)
        if found and route.verb == verb:
            return route, found[1]
    if found := _UNSUPPORTED.fullmatch(path):
        raise Unimplemented(found[1] or found[2])
    raise AddressUnknown(f"There is nothing at {verb} {path}.")


def _read_body_into(body: bytes, request: Proto) -> None:
    """Reads a JSON document into a message. Raises InvalidArgument."""
    if not body.strip():
        return
    try:
        document = json.loads(body)
        if not isinstance(document, dict):
            raise InvalidArgument("The body is not a JSON object.")
        json_format.ParseDict(document, request)
    except (ValueError, RecursionError, json_format.ParseError) as error:
        raise InvalidArgument(f"Invalid JSON payload received: {error}") from None


def _read_query_into(query: str, request: Proto) -> None:
    """Reads pageSize, pageToken and updateMask; other parameters are about the answer's looks."""
    wanted = {"pageSize": int, "pageToken": str, "updateMask": str}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in wanted:
            try:
                json_format.ParseDict({name: wanted[name](unquote(value))}, request)
            except (ValueError, json_format.ParseError) as error:
                raise InvalidArgument(f"Invalid value for {name}: {error}") from None


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise InvalidArgument(f"A request is at most {MAX_BODY} bytes.")
    return bytes(body)


async def _answer_unless_disconnected(answer: Any, receive: Receive) -> Proto | None:
    """Returns the answer; None when the caller disconnects first. Messages that were pulled then return."""
    working = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_wait_for_disconnect(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        working.cancel()
        await asyncio.wait((working,))
        return None
    finally:
        leaving.cancel()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _error_response(error: PubSubError) -> Response:
    return error_response(_STATUS.get(error.code, 500), str(error), status=error.code.name)
