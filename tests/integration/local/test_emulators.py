"""``plantain emulators``: both servers in one command."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core import exceptions

from local.http_servers.api_keys import KEYS_VARIABLE, ApiKeys
from local.pubsub import port_multiplexer
from local.pubsub.server import PubSubServer
from tests.eventually import PATIENCE
from tests.integration.local.pubsub_servers import PubSub, running_on_a_thread

COMMAND = [sys.executable, "-m", "local.cli", "emulators", "--storage-port", "0", "--pubsub-port", "0"]
KEY = "a-key"
KEYS = json.dumps({hashlib.sha256(KEY.encode()).hexdigest(): "ada"})


def _environment(**more: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name != KEYS_VARIABLE}, **more}


@contextmanager
def _emulators(*options: str, **environment: str) -> Generator[dict[str, str]]:
    """What the command says that programs have to set."""
    command = [*COMMAND, *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=_environment(**environment)
    ) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(8)]
            assert all(line.startswith("export ") for line in lines), lines
            yield dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_a_bucket_s_notifications_are_delivered_and_all_is_kept(tmp_path: Path) -> None:
    with _emulators("--data", str(tmp_path)) as exports:
        pubsub = PubSub(exports["PUBSUB_EMULATOR_HOST"])
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic)
        with httpx.Client(base_url=exports["STORAGE_EMULATOR_HOST"]) as http:
            http.post("/storage/v1/b", json={"name": "bucket"})
            config = {"topic": f"//pubsub.googleapis.com/{topic}", "payload_format": "JSON_API_V1"}
            http.post("/storage/v1/b/bucket/notificationConfigs", json=config)
            http.post("/upload/storage/v1/b/bucket/o?uploadType=media&name=object", content=b"data")
        (received,) = pubsub.pull(subscription)
        assert received.message.attributes["objectId"] == "object"
        pubsub.close()
    with _emulators("--data", str(tmp_path)) as exports:
        kept = httpx.get(f"{exports['STORAGE_EMULATOR_HOST']}/storage/v1/b/bucket/o/object?alt=media")
        assert kept.content == b"data"


def test_what_is_printed_is_what_programs_read() -> None:
    with _emulators() as exports:
        storage, pubsub = exports["STORAGE_EMULATOR_HOST"], exports["PUBSUB_EMULATOR_HOST"]
        assert httpx.get(f"{exports['CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE']}b").status_code == 200
        project = exports["GOOGLE_CLOUD_PROJECT"]
        topics = f"{exports['CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB']}v1/projects/{project}/topics"
        assert httpx.get(topics).json() == {}
        assert storage.startswith("http://127.0.0.1:")
        assert pubsub.startswith("127.0.0.1:")


def test_others_reach_them_with_keys_only() -> None:
    refused = subprocess.run(
        [*COMMAND, "--host", "0.0.0.0"], capture_output=True, text=True, env=_environment(), check=False
    )
    assert refused.returncode != 0
    assert KEYS_VARIABLE in refused.stderr
    assert "Traceback" not in refused.stderr
    for options, environment in (((), {KEYS_VARIABLE: KEYS}), (("--open",), {})):
        with _emulators("--host", "0.0.0.0", *options, **environment) as exports:
            assert exports["STORAGE_EMULATOR_HOST"].startswith("http://127.0.0.1:")
            assert httpx.get(f"{exports['STORAGE_EMULATOR_HOST']}/storage/v1/b").status_code == 200


@pytest.mark.parametrize("module", ["local.storage", "local.pubsub"])
def test_each_alone_asks_for_keys_as_well(module: str) -> None:
    command = [sys.executable, "-m", module, "--host", "0.0.0.0", "--port", "0"]
    refused = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False)
    assert (refused.returncode, KEYS_VARIABLE in refused.stderr) == (1, True)


def _is_never_own(_client: str, _server: str) -> bool:
    return False


def test_pubsub_asks_callers_from_elsewhere_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_multiplexer, "is_own", _is_never_own)
    keys = ApiKeys.from_environment({KEYS_VARIABLE: KEYS})
    with running_on_a_thread(PubSubServer(None, keys=keys)) as server:
        pubsub = PubSub(server.address)
        name = f"{pubsub.project}/topics/topic"

        def create(**options: Any) -> Any:
            return pubsub.publisher.create_topic(name=name, retry=None, **options)

        for metadata in ([], [("authorization", "Bearer other")]):
            with pytest.raises(exceptions.Unauthenticated):
                create(metadata=metadata)
        assert create(metadata=[("authorization", f"Bearer {KEY}")]).name == name
        with pytest.raises(exceptions.AlreadyExists):
            create(metadata=[("x-goog-api-key", KEY)])
        pubsub.close()
