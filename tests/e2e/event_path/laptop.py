"""The real stack, started as a user starts it, with what a test needs to look into it."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
from google.cloud import pubsub_v1, storage

from functions.contract.manifest import Manifest
from functions.contract.settings import Settings
from functions.contract.storage.storage_client import storage_client
from local.stack.stack_process import StackProcess
from tests.eventually import eventually
from tests.mock_stack import CHEAP, killed_afterwards

EMULATORS = ("STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")  # read by Google's clients
Result = TypeVar("Result")


@dataclass(frozen=True)
class Laptop:
    url: str
    environment: dict[str, str]
    control: str
    http: httpx.Client

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    @contextmanager
    def found_by_clients(self) -> Generator[None]:
        """Google's clients of this process use the stack's emulators."""
        with patch.dict(os.environ, {name: self.environment[name] for name in EMULATORS}):
            yield

    def storage(self) -> storage.Client:
        return storage_client(self.settings)

    def ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        return self.http.request(method, self.url + path, **arguments)

    def post(self, **request: Any) -> dict[str, Any]:
        body = {"task": "generate", "prompt": "a red boat", "size": "512", "model": "mock", **request}
        answer = self.ask("POST", "/v1/jobs", json=body)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def ended(self, job_id: str) -> dict[str, Any]:
        """The job, once it is in a terminal state."""

        def look() -> dict[str, Any] | None:
            job = self.ask("GET", f"/v1/jobs/{job_id}").json()
            return job if job.get("ended") else None

        return eventually(look, f"the end of {job_id}")

    def manifest(self, job_id: str) -> Manifest:
        bucket = self.storage().bucket(self.settings.results_bucket)
        return Manifest.parse(bucket.blob(f"{job_id}/manifest.json").download_as_bytes())

    def names(self, bucket: str, prefix: str = "") -> set[str]:
        return {str(blob.name) for blob in self.storage().list_blobs(bucket, prefix=prefix)}

    def publish(self, data: bytes, topic: str | None = None) -> None:
        """Puts a message into the workers' queue, or another, as anybody might."""
        topic = self.settings.topic_path(topic or self.settings.jobs_topic)
        pubsub_v1.PublisherClient().publish(topic, data).result(timeout=30)

    def faults(self, **wanted: dict[str, float]) -> None:
        """Sets faults of the stack's servers."""
        self.http.put(f"{self.control}/faults", json=wanted).raise_for_status()

    def events(self) -> list[dict[str, Any]]:
        """Every event that waits on the tail of the events topic; taken, and not put back."""
        path = self.settings.subscription_path("events-tail")
        found: list[dict[str, Any]] = []
        with pubsub_v1.SubscriberClient() as client:
            while messages := client.pull(
                subscription=path, max_messages=1_000, return_immediately=True
            ).received_messages:
                found += [json.loads(message.message.data) for message in messages]
                client.acknowledge(subscription=path, ack_ids=[message.ack_id for message in messages])
        return found


@contextmanager
def running(data: Path, workers: int, *arguments: str, **variables: str) -> Generator[Laptop]:
    """``plantain up`` on free ports, with the mock model; Google's clients find it."""
    with started(data, workers, *arguments, **variables) as laptop, laptop.found_by_clients():
        yield laptop


@contextmanager
def started(data: Path, workers: int, *arguments: str, **variables: str) -> Generator[Laptop]:
    """The same, which Google's clients do not find yet."""
    environment = {"PLANTAIN_DEFAULT_MODEL": "mock", **CHEAP, **variables}
    stack = StackProcess(data, "--workers", str(workers), *arguments, environment=environment)
    with (
        killed_afterwards(stack),
        httpx.Client(
            timeout=30
        ) as http,  # one for all calls: each new one makes an SSL context, 20 ms of a core
    ):
        known = {**os.environ, **environment, "PLANTAIN_DATA": str(data), **stack.environment}
        yield Laptop(stack.state["api"], known, stack.state["control"], http)
