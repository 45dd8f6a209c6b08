"""gcloud, gcsfs and Google's clients for Node, as they are, against the embedded servers.

They skip at home where they are not installed, and fail in CI.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from local.pubsub import pull_consumer
from tests.integration.local import foreign_clients
from tests.integration.local.pubsub_servers import PubSub
from tests.integration.local.storage_servers import Embedded, embedded

SCRIPTS = Path(__file__).parent / "clients"


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        yield running


def test_gcsfs_and_pandas_write_and_read(storage: Embedded, tmp_path: Path) -> None:
    python = foreign_clients.gcsfs_python(tmp_path, storage.url)
    assert python(str(SCRIPTS / "frames.py")) == "done\n"


def test_node_writes_and_reads(storage: Embedded, tmp_path: Path) -> None:
    environment = {"STORAGE_EMULATOR_HOST": storage.url}
    assert foreign_clients.node(tmp_path, SCRIPTS / "storage.js", environment)() == "done\n"


def test_node_takes_a_thousand_messages_of_one_key(embedded: PubSub, tmp_path: Path) -> None:
    environment = {"PUBSUB_EMULATOR_HOST": embedded.address}
    assert foreign_clients.node(tmp_path, SCRIPTS / "ordered.js", environment)() == "in order 1000\n"


def test_gcloud_copies_moves_and_removes(storage: Embedded, tmp_path: Path) -> None:
    gcloud = foreign_clients.gcloud(tmp_path, storage=storage.url)
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a").write_text("data\r")
    (tree / "sub" / "b").write_text("b")
    (tree / "large").write_bytes(os.urandom(9_000_000))
    gcloud("storage", "buckets", "create", "gs://gcloud-bucket")
    gcloud("storage", "cp", str(tree / "a"), "gs://gcloud-bucket/one")
    assert storage.client.bucket("gcloud-bucket").blob("one").download_as_bytes() == b"data\r"
    gcloud("storage", "cp", "--recursive", str(tree), "gs://gcloud-bucket")
    gcloud("storage", "mv", "gs://gcloud-bucket/tree/sub/b", "gs://gcloud-bucket/moved")
    listed = gcloud("storage", "ls", "--recursive", "gs://gcloud-bucket/**").split()
    assert listed == [f"gs://gcloud-bucket/{name}" for name in ("moved", "one", "tree/a", "tree/large")]
    gcloud("storage", "cp", "gs://gcloud-bucket/tree/large", "back")
    assert (tmp_path / "back").read_bytes() == (tree / "large").read_bytes()
    gcloud("storage", "buckets", "update", "gs://gcloud-bucket", "--versioning")
    gcloud("storage", "cp", str(tree / "sub" / "b"), "gs://gcloud-bucket/one")
    assert len(gcloud("storage", "ls", "--all-versions", "gs://gcloud-bucket/one").split()) == 2
    gcloud("storage", "rm", "--recursive", "gs://gcloud-bucket")
    assert "not found: 404" in gcloud("storage", "ls", "gs://gcloud-bucket", fails=True)


def test_gcloud_publishes_pulls_and_seeks(
    embedded: PubSub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_consumer, "MAX_WAIT_SECONDS", 0.5)  # what is pulled is there, or never comes
    gcloud = foreign_clients.gcloud(tmp_path, pubsub=embedded.address)
    gcloud("pubsub", "topics", "create", "orders")
    gcloud("pubsub", "subscriptions", "create", "orders-one", "--topic=orders", "--retain-acked-messages")
    gcloud("pubsub", "topics", "publish", "orders", "--message=hello", "--attribute=a=b")
    pull = (
        "pubsub",
        "subscriptions",
        "pull",
        "orders-one",
        "--auto-ack",
        "--format=value(message.data.decode(base64))",
    )
    assert gcloud(*pull) == "hello\n"
    assert gcloud(*pull) == ""
    gcloud("pubsub", "snapshots", "create", "then", "--subscription=orders-one")
    gcloud("pubsub", "subscriptions", "seek", "orders-one", "--time=2020-01-01T00:00:00Z")
    assert gcloud(*pull) == "hello\n"
    gcloud("pubsub", "subscriptions", "seek", "orders-one", "--snapshot=then")
    assert gcloud(*pull) == ""
