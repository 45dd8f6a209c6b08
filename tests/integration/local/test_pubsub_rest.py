"""Pub/Sub's JSON API, on the port of gRPC, and what both refuse by name."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from google.api_core import exceptions
from google.cloud import pubsub_v1

from tests.eventually import PATIENCE, eventually
from tests.integration.local.pubsub_servers import PubSub


@pytest.fixture
def http(embedded: PubSub) -> Generator[httpx.Client]:
    with httpx.Client(
        base_url=f"http://{embedded.address}/v1/{embedded.project}", timeout=PATIENCE
    ) as client:
        yield client


def _encoded(*data: bytes) -> list[dict[str, Any]]:
    return [{"data": base64.b64encode(each).decode(), "attributes": {"a": "b"}} for each in data]


def test_a_message_goes_its_whole_way(http: httpx.Client, embedded: PubSub) -> None:
    topic = f"{embedded.project}/topics/t-one"
    assert http.put("/topics/t-one", json={"labels": {"k": "v"}}).json() == {
        "name": topic,
        "labels": {"k": "v"},
    }
    made = http.put("/subscriptions/s-one", json={"topic": topic, "ackDeadlineSeconds": 20}).json()
    assert (made["topic"], made["ackDeadlineSeconds"]) == (topic, 20)
    ids = http.post("/topics/t-one:publish", json={"messages": _encoded(b"one", b"two")}).json()["messageIds"]
    pulled = http.post("/subscriptions/s-one:pull", json={"maxMessages": 10}).json()["receivedMessages"]
    assert [each["message"]["messageId"] for each in pulled] == ids
    assert [base64.b64decode(each["message"]["data"]) for each in pulled] == [b"one", b"two"]
    assert pulled[0]["message"]["attributes"] == {"a": "b"}
    back = {"ackIds": [pulled[0]["ackId"]], "ackDeadlineSeconds": 0}
    assert http.post("/subscriptions/s-one:modifyAckDeadline", json=back).json() == {}
    (again,) = http.post("/subscriptions/s-one:pull", json={"maxMessages": 1}).json()["receivedMessages"]
    acks = {"ackIds": [again["ackId"], pulled[1]["ackId"]]}
    assert http.post("/subscriptions/s-one:acknowledge", json=acks).json() == {}
    empty = http.post("/subscriptions/s-one:pull", json={"maxMessages": 1, "returnImmediately": True})
    assert (empty.status_code, empty.json()) == (200, {})


def test_resources_are_listed_in_pages_changed_and_deleted(http: httpx.Client, embedded: PubSub) -> None:
    topics = [f"{embedded.project}/topics/t-{letter}" for letter in "abc"]
    for topic in topics:
        http.put(topic.removeprefix(embedded.project), json={})
    first = http.get("/topics", params={"pageSize": 2}).json()
    rest = http.get("/topics", params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()
    assert [each["name"] for each in first["topics"] + rest["topics"]] == topics
    http.put("/subscriptions/s-one", json={"topic": topics[0]})
    body = {"subscription": {"ackDeadlineSeconds": 30}, "updateMask": "ackDeadlineSeconds"}
    assert http.patch("/subscriptions/s-one", json=body).json()["ackDeadlineSeconds"] == 30
    assert http.get("/topics/t-a/subscriptions").json()["subscriptions"] == [
        f"{embedded.project}/subscriptions/s-one"
    ]
    snapshot = {"subscription": f"{embedded.project}/subscriptions/s-one"}
    assert http.put("/snapshots/n-one", json=snapshot).json()["topic"] == topics[0]
    assert (
        http.post(
            "/subscriptions/s-one:seek", json={"snapshot": f"{embedded.project}/snapshots/n-one"}
        ).json()
        == {}
    )
    assert http.post("/subscriptions/s-one:seek", json={"time": "2030-01-01T00:00:00Z"}).json() == {}
    for path in ("/snapshots/n-one", "/subscriptions/s-one", "/topics/t-a"):
        assert http.get(path).status_code == 200
        assert http.delete(path).json() == {}
        assert http.get(path).json()["error"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/topics/t-one", b"{", 400),
        ("PUT", "/topics/t-one", b"[]", 400),
        ("PUT", "/topics/t-one", b'{"colour": 1}', 400),
        ("PUT", "/topics/t-one", b"[" * 100_000, 400),
        ("PUT", "/topics/goog", b"{}", 400),
        ("POST", "/topics/none:publish", b'{"messages": [{"data": "YQ=="}]}', 404),
        ("POST", "/topics/none:burn", b"{}", 404),
        ("GET", "/nothing", b"", 404),
        ("GET", "/topics?pageSize=x", b"", 400),
        ("POST", "/schemas", b"{}", 501),
        ("GET", "/topics/t-one:getIamPolicy", b"", 501),
    ],
)
def test_what_cannot_be_answered_is_refused_in_google_s_words(
    http: httpx.Client, method: str, path: str, body: bytes, status: int
) -> None:
    answer = http.request(method, path, content=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == status


def test_a_caller_who_hangs_up_leaves_the_message(http: httpx.Client, embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    host, _, port = embedded.address.partition(":")
    with socket.create_connection((host, int(port))) as connection:
        body = b'{"maxMessages": 1}'
        head = f"POST /v1/{subscription}:pull HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
    embedded.publish(topic, b"kept")
    assert [each.message.data for each in embedded.pull(subscription)] == [b"kept"]


def test_grpc_and_http_share_a_port_under_load(http: httpx.Client, embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    seen: list[bytes] = []

    def collect(message: Any) -> None:
        seen.append(message.data)
        message.ack()

    def publish() -> None:
        for number in range(20):
            body = {"messages": _encoded(b"%d" % number * 50_000)}
            assert http.post(f"{topic.removeprefix(embedded.project)}:publish", json=body).status_code == 200

    with embedded.listening(subscription, collect):
        threads = [threading.Thread(target=publish) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        eventually(lambda: len(seen) >= 80)
    assert len(set(seen)) == 20


@pytest.mark.parametrize(
    "first", [b"", b"P", b"\x16\x03\x01\x02\x00", b"nonsense\r\n\r\n", b"PRI * HTTP/9.9\r\n\r\n"]
)
def test_a_connection_that_speaks_neither_harms_no_other(
    http: httpx.Client, embedded: PubSub, first: bytes
) -> None:
    host, _, port = embedded.address.partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(first)
        assert http.get("/topics").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}]
)
def test_a_stranger_s_page_is_refused(http: httpx.Client, headers: dict[str, str]) -> None:
    assert http.put("/topics/t-one", json={}, headers=headers).status_code == 403
    assert http.get("/topics").json() == {}


@pytest.fixture
def schemas(embedded: PubSub, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", embedded.address)
    transport = pubsub_v1.SchemaServiceClient.get_transport_class("grpc")(
        channel=embedded.subscriber.transport.grpc_channel
    )
    return pubsub_v1.SchemaServiceClient(transport=transport)


def test_schemas_are_refused_by_name(embedded: PubSub, schemas: Any) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match=r"SchemaService\.ListSchemas"):
        schemas.list_schemas(parent=embedded.project)
    name = f"{embedded.project}/topics/t-one"
    with pytest.raises(exceptions.MethodNotImplemented, match="schema_settings"):
        embedded.publisher.create_topic(request={"name": name, "schema_settings": {"schema": "s"}})


@pytest.mark.parametrize(
    "field",
    [
        {"bigquery_config": {"table": "a.b.c"}},
        {"cloud_storage_config": {"bucket": "b"}},
        {"message_transforms": [{"javascript_udf": {"code": "x", "function_name": "f"}}]},
    ],
)
def test_what_a_subscription_would_lack_is_refused_by_name(embedded: PubSub, field: dict[str, Any]) -> None:
    (name,) = field
    topic = embedded.topic()
    with pytest.raises(exceptions.MethodNotImplemented, match=name):
        embedded.subscription(topic, **field)


@pytest.mark.parametrize("field", ["kms_key_name"])
def test_what_a_topic_would_lack_is_refused_by_name(embedded: PubSub, field: str) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match=field):
        embedded.publisher.create_topic(request={"name": f"{embedded.project}/topics/t-one", field: "k"})
