"""The functions as one deployment on the embedded servers, with buckets and topics of its own."""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import flask
from cloudevents.http import CloudEvent
from flask.testing import FlaskClient
from google.cloud import pubsub_v1, storage
from google.pubsub_v1 import PubsubMessage
from PIL import Image
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from functions.api.application import answer_request
from functions.contract import paths
from functions.contract.document import now
from functions.contract.job import JobRecord
from functions.contract.manifest import ImageFacts, Manifest
from functions.contract.settings import Settings
from functions.contract.states import State
from functions.contract.storage.storage_client import storage_client
from functions.http_edge.edge import install_edge
from functions.services import Services, connect_services
from functions.triggers.deliver import on_delivery
from tests.integration.functions.described_answers import DescribedAnswer, check_answer
from tests.integration.functions.servers import Servers

WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four bytes"[:24]).decode()
_SERVICES = "plantain.services"  # of the deployment that a request is for
FINALIZED = "google.cloud.storage.object.v1.finalized"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


@cache
def picture(width: int = 320, height: int = 256, *, format: str = "PNG", mode: str = "RGB") -> bytes:
    target = io.BytesIO()
    Image.new(mode, (width, height), 128 if mode in ("L", "1", "I;16") else None).save(target, format)
    return target.getvalue()


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def settings_for(name: str, **changes: Any) -> Settings:
    return Settings.model_validate(
        {
            "profile": "local",
            "project": name,
            "uploads_bucket": f"uploads-{name}",
            "results_bucket": f"results-{name}",
            "jobs_bucket": f"jobs-{name}",
            "models": {"mock": "mock"},
            "default_model": "mock",
            "webhook_secret": WEBHOOK_SECRET,
            "sweep_after_seconds": 0,
            **changes,
        }
    )


@dataclass(frozen=True)
class Answer:
    """What came back; ``json`` is for who knows what is in it. It is as ``/openapi.json`` describes it."""

    response: TestResponse
    described: DescribedAnswer | None

    @property
    def status_code(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Headers:
        return self.response.headers

    @property
    def mimetype(self) -> str | None:
        return self.response.mimetype

    @property
    def content_length(self) -> int | None:
        return self.response.content_length

    @property
    def data(self) -> bytes:
        if self.described is not None:
            self.described.check_body(self.response.mimetype, self.response.data)
        return self.response.data

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def json(self) -> Any:
        return self.response.json


@dataclass(frozen=True)
class Caller:
    client: FlaskClient
    services: Services

    def open(self, path: str, *, environ_overrides: Mapping[str, Any] | None = None, **call: Any) -> Answer:
        environ = {**(environ_overrides or {}), _SERVICES: self.services}
        response = self.client.open(path, environ_overrides=environ, **call)
        return Answer(response, check_answer(response))

    def get(self, path: str, **call: Any) -> Answer:
        return self.open(path, method="GET", **call)

    def post(self, path: str, **call: Any) -> Answer:
        return self.open(path, method="POST", **call)


@dataclass
class Deployment:
    """Its services, and what a test does to them or asks of them."""

    services: Services
    storage: storage.Client
    subscriber: pubsub_v1.SubscriberClient
    count_published: Callable[[], int]  # messages, of all deployments on the servers

    def __post_init__(self) -> None:
        # Before a test has threads: a route is compiled by ast.parse, and that is not safe there.
        _api()

    @classmethod
    def create(cls, servers: Servers, **changes: Any) -> Deployment:
        """A new one; the emulator variables must be set while it is made."""
        settings = settings_for(f"p{uuid.uuid4().hex[:12]}", **changes)
        servers.create_resources(settings)
        clients = _clients(*servers.environment.values())
        return cls(connect_services(settings), *clients, servers.count_published)

    def replace(self, **changes: Any) -> Deployment:
        """The same with other services or, for names that are settings, other settings."""
        settings = {key: value for key, value in changes.items() if key in Settings.model_fields}
        others = {key: value for key, value in changes.items() if key not in settings}
        changed = self.settings.model_copy(update=settings)
        return replace(self, services=replace(self.services, settings=changed, **others))

    @property
    def settings(self) -> Settings:
        return self.services.settings

    def application(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """The API, for a server."""
        return _api()({**environ, _SERVICES: self.services}, start)

    @property
    def client(self) -> Caller:
        """Calls the API; one for each thread."""
        return Caller(_api().test_client(), self.services)

    def post(self, body: Any = None, path: str = "/v1/jobs", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=named)

    def generate(self, **fields: Any) -> str:
        """The id of a new job."""
        answer = self.post({"task": "generate", "prompt": "a red boat on the sea", "size": "512", **fields})
        assert answer.status_code == 202, answer.text
        return answer.json["id"]

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.client.get(f"/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def record(self, job_id: str) -> JobRecord:
        return self.services.store.read(job_id).record

    def change(self, job_id: str, **changes: Any) -> None:
        self.services.store.change(job_id, lambda record: record.model_copy(update=changes))

    def claim(self, job_id: str, seconds: float = 60) -> JobRecord:
        """What a worker does first."""
        return self.services.store.change(job_id, lambda record: record.claimed("worker-1", seconds)).record

    def succeed(self, job_id: str, *, settle: bool = True) -> Manifest:
        """What a worker does last: the pictures, the manifest and, if it lives that long, the record."""
        record = self.record(job_id)
        data = picture(record.width, record.height)
        name = paths.result_picture(job_id, 0, "png")
        self.services.results.put(name, data, "image/png")
        facts = ImageFacts(
            name=name,
            width=record.width,
            height=record.height,
            bit_depth=8,
            content_type="image/png",
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            seed=record.seed,
        )
        ended = Manifest.of(record, State.SUCCEEDED, now(), images=(facts,))
        manifest = self.services.committer.commit(ended)
        if settle:
            self.services.committer.settle(manifest)
        return manifest

    def upload(self, name: str, data: bytes, metadata: dict[str, str] | None = None) -> CloudEvent:
        """Uploads an object as any client would, and returns the event that follows."""
        blob = self.storage.bucket(self.settings.uploads_bucket).blob(name)
        blob.metadata = metadata
        blob.upload_from_string(data)
        return self.finalized(self.settings.uploads_bucket, name)

    def finalized(self, bucket: str, name: str) -> CloudEvent:
        blob = self.storage.bucket(bucket).get_blob(name)
        assert blob is not None
        body = {
            "kind": "storage#object",
            "bucket": bucket,
            "name": name,
            "generation": str(blob.generation),
            "metadata": blob.metadata or {},
        }
        return event(FINALIZED, body)

    def manifest_event(self, job_id: str) -> CloudEvent:
        return self.finalized(self.settings.results_bucket, paths.manifest(job_id))

    def published(self, topic: str) -> list[PubsubMessage]:
        """Every message that is on the topic by now."""
        found: list[PubsubMessage] = []
        subscription = self.settings.subscription_path(topic)
        while received := self._pull(subscription):
            found += [each.message for each in received]
            self.subscriber.acknowledge(subscription=subscription, ack_ids=[each.ack_id for each in received])
        return found

    def _pull(self, subscription: str) -> list[Any]:
        request = {"subscription": subscription, "max_messages": 1000, "return_immediately": True}
        with warnings.catch_warnings():
            # Deprecated since it may miss messages of the real service; the embedded one knows all it has.
            warnings.simplefilter("ignore", DeprecationWarning)
            return list(self.subscriber.pull(request=request, timeout=10).received_messages)

    def deliver(self) -> int:
        """Works off the queue of deliveries, one after the other; returns how many messages there were."""
        queued = self.published(self.settings.webhooks_topic)
        for message in queued:
            on_delivery(self.services, message_event(message.data, **message.attributes))
        return len(queued)

    def objects(self) -> set[str]:
        """The name of every object in every bucket."""
        buckets = (self.settings.uploads_bucket, self.settings.results_bucket, self.settings.jobs_bucket)
        return {f"{bucket}/{blob.name}" for bucket in buckets for blob in self.storage.list_blobs(bucket)}

    def is_open(self, job_id: str) -> bool:
        return f"{self.settings.jobs_bucket}/{paths.open_marker(job_id)}" in self.objects()


@cache
def _api() -> flask.Flask:
    """As functions-framework has it: every path and method goes to one function. One for all deployments."""
    app = flask.Flask("api")
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    def view(path: str = "") -> flask.Response:
        del path
        return answer_request(flask.request, lambda: flask.request.environ[_SERVICES])

    app.add_url_rule("/", "root", view, methods=methods)
    app.add_url_rule("/<path:path>", "api", view, methods=methods)
    install_edge(app)
    return app


@cache
def _clients(*_addresses: str) -> tuple[storage.Client, pubsub_v1.SubscriberClient]:
    """The clients with which the tests look into the servers: one of each for all deployments on them."""
    return storage_client(settings_for("tests")), pubsub_v1.SubscriberClient()


def event(type: str, data: Any) -> CloudEvent:
    return CloudEvent({"type": type, "source": "//test"}, data)


def message_event(data: bytes, **attributes: str) -> CloudEvent:
    message = {"data": base64_of(data), "attributes": attributes, "messageId": "1"}
    return event(PUBLISHED, {"message": message, "subscription": "projects/p/subscriptions/dead"})
