"""The notifications that the embedded Cloud Storage sends, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core import exceptions

from local.storage import StorageEvent, StorageServer
from tests.integration.local.storage_servers import Embedded, embedded


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


def _last(storage: Embedded) -> StorageEvent:
    return storage.events[-1]


def test_an_event_is_told_before_the_answer(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("a/ö")
    blob.metadata = {"made": "here"}
    blob.upload_from_string(b"data", content_type="image/png")
    event = _last(storage)
    assert (event.type, event.bucket, event.name) == ("OBJECT_FINALIZE", bucket.name, "a/ö")
    assert event.generation == blob.generation
    assert event.resource == storage.http.get(blob.self_link).json()
    blob.metadata = {"changed": "yes"}
    blob.patch()
    assert _last(storage).type == "OBJECT_METADATA_UPDATE"
    assert _last(storage).resource["metageneration"] == "2"
    blob.delete()
    assert _last(storage).type == "OBJECT_DELETE"
    assert _last(storage).generation == blob.generation


def test_replacing_an_object_is_two_events(storage: Embedded, bucket: Any) -> None:
    first, second = bucket.blob("object"), bucket.blob("object")
    first.upload_from_string(b"one")
    second.upload_from_string(b"two")
    finalized, deleted = storage.events[-2:]
    assert (finalized.type, finalized.generation, finalized.overwrote) == (
        "OBJECT_FINALIZE",
        second.generation,
        first.generation,
    )
    assert (deleted.type, deleted.generation, deleted.overwritten_by) == (
        "OBJECT_DELETE",
        first.generation,
        second.generation,
    )
    assert len({event.id for event in storage.events}) == len(storage.events)


def test_what_fails_is_not_told_of(storage: Embedded, bucket: Any) -> None:
    bucket.blob("object").upload_from_string(b"one")
    told = len(storage.events)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("object").upload_from_string(b"two", if_generation_match=0)
    assert len(storage.events) == told


def test_configurations_live_and_die(storage: Embedded, bucket: Any) -> None:
    made = bucket.notification(
        topic_name="uploads",
        topic_project="plantain-test",
        custom_attributes={"lane": "gpu"},
        event_types=["OBJECT_FINALIZE"],
        blob_name_prefix="in/",
        payload_format="JSON_API_V1",
    )
    made.create()
    (found,) = bucket.list_notifications()
    assert (found.notification_id, found.topic_name, found.topic_project) == (
        made.notification_id,
        "uploads",
        "plantain-test",
    )
    assert bucket.get_notification(made.notification_id).blob_name_prefix == "in/"
    made.reload()
    assert made.custom_attributes == {"lane": "gpu"}
    made.delete()
    assert list(bucket.list_notifications()) == []
    assert not made.exists()


def test_an_event_carries_the_configurations_that_want_it(storage: Embedded, bucket: Any) -> None:
    bucket.notification(topic_name="everything", topic_project="plantain-test").create()
    bucket.notification(
        topic_name="narrow",
        topic_project="plantain-test",
        event_types=["OBJECT_DELETE"],
        blob_name_prefix="in/",
        custom_attributes={"lane": "gpu"},
        payload_format="JSON_API_V1",
    ).create()

    bucket.blob("in/object").upload_from_string(b"data")
    assert [config.topic for config in _last(storage).configs] == ["projects/plantain-test/topics/everything"]
    bucket.blob("in/object").delete()
    deleted = _last(storage)
    narrow = deleted.configs[1]
    assert narrow.topic == "projects/plantain-test/topics/narrow"
    assert deleted.attributes(narrow) == {
        "notificationConfig": f"projects/_/buckets/{bucket.name}/notificationConfigs/{narrow.id}",
        "eventType": "OBJECT_DELETE",
        "payloadFormat": "JSON_API_V1",
        "bucketId": bucket.name,
        "objectId": "in/object",
        "objectGeneration": str(deleted.generation),
        "eventTime": deleted.time,
        "lane": "gpu",
    }


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"payload_format": "JSON_API_V1"},
        {"payload_format": "XML", "topic": "//pubsub.googleapis.com/projects/p/topics/t"},
        {"payload_format": "NONE", "topic": "elsewhere"},
        {"payload_format": "NONE", "topic": "projects/p/topics/t", "event_types": ["OBJECT_EATEN"]},
        {"payload_format": "NONE", "topic": "projects/p/topics/t", "event_types": 7},
        {"payload_format": "NONE", "topic": "projects/p/topics/t", "custom_attributes": {"a": 1}},
    ],
)
def test_a_configuration_that_cannot_work_is_refused(
    storage: Embedded, bucket: Any, config: dict[str, Any]
) -> None:
    answer = storage.http.post(f"/storage/v1/b/{bucket.name}/notificationConfigs", json=config)
    assert answer.status_code == 400


class Listener:
    """Fails at the first events that it is told of."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.heard: list[StorageEvent] = []
        self.enough = asyncio.Event()

    async def __call__(self, event: StorageEvent) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("nothing listens")
        self.heard.append(event)
        self.enough.set()


async def _upload(server: StorageServer, name: str) -> int:
    async with httpx.AsyncClient(base_url=server.url) as http:
        await http.post("/storage/v1/b", json={"name": "bucket"})
        address = f"/upload/storage/v1/b/bucket/o?uploadType=media&name={name}"
        return (await http.post(address, content=b"data")).status_code


@pytest.mark.anyio
async def test_a_listener_that_fails_is_told_again() -> None:
    listener = Listener(failures=2)
    server = StorageServer(None, listener)
    await server.start()
    assert await _upload(server, "object") == 200
    await listener.enough.wait()
    assert [event.name for event in listener.heard] == ["object"]
    await server.stop()


@pytest.mark.anyio
async def test_an_event_that_was_not_told_survives_the_server(tmp_path: Path) -> None:
    deaf, listener = Listener(failures=1_000_000), Listener(failures=0)
    server = StorageServer(tmp_path, deaf)
    await server.start()
    await _upload(server, "one")
    await _upload(server, "two")
    await server.stop()

    server = StorageServer(tmp_path, listener)
    await server.start()
    while len(listener.heard) < 2:
        listener.enough.clear()
        await listener.enough.wait()
    await server.stop()
    assert [event.name for event in listener.heard] == ["one", "two"]

    silent = Listener(failures=0)
    server = StorageServer(tmp_path, silent)
    await server.start()
    await _upload(server, "three")
    await server.stop()
    assert [event.name for event in silent.heard] == ["three"]


@pytest.mark.anyio
async def test_only_configured_events_are_kept_and_told(tmp_path: Path) -> None:
    listener = Listener(failures=0)
    server = StorageServer(tmp_path, listener, only_configured=True)
    await server.start()
    await _upload(server, "of no configuration")
    async with httpx.AsyncClient(base_url=server.url) as http:
        config = {
            "topic": "//pubsub.googleapis.com/projects/p/topics/t-one",
            "payload_format": "JSON_API_V1",
            "event_types": ["OBJECT_FINALIZE"],
        }
        assert (await http.post("/storage/v1/b/bucket/notificationConfigs", json=config)).is_success
    await _upload(server, "configured")
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.delete("/storage/v1/b/bucket/o/configured")).is_success
    await server.stop()
    assert [(event.name, str(event.type)) for event in listener.heard] == [("configured", "OBJECT_FINALIZE")]
