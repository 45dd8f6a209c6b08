"""The API's client, against a server that answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.client.api_client import PlantainClient, RequestRefused, ServiceUnreachable


class Seen(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = {}


class Service:
    """Gives its answers in order, the last one again and again; remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.seen.append(Seen(self.command, self.path, headers, body))
                answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
                raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Generator[Service]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def bucket() -> Iterator[Service]:
    """Cloud Storage, where signed URLs lead to."""
    with Service(Answer(body=b"pixels")).running() as service:
        yield service


@contextmanager
def answering(*answers: Answer, **credentials: str) -> Generator[tuple[Service, PlantainClient]]:
    with Service(*answers).running() as service, PlantainClient(service.url, **credentials) as plantain:
        yield service, plantain


def test_a_key_and_a_token_are_sent_along() -> None:
    with answering(Answer(body={}), api_key="k", token="t") as (service, plantain):
        plantain.job("job_1")
    assert service.seen[0].headers["x-api-key"] == "k"
    assert service.seen[0].headers["authorization"] == "Bearer t"


def test_a_job_is_posted_again_under_the_same_key_until_the_service_can() -> None:
    busy = Answer(503, {"detail": "busy"}, {"Retry-After": "0"})
    with answering(busy, busy, Answer(202, {"id": "job_1"})) as (service, plantain):
        assert plantain.create({"task": "generate"})["id"] == "job_1"
    assert len({seen.headers["idempotency-key"] for seen in service.seen}) == 1
    assert len(service.seen) == 3


def test_a_service_that_never_can_is_unreachable() -> None:
    with (
        answering(Answer(503, {"detail": "No model."}, {"Retry-After": "0"})) as (_, plantain),
        pytest.raises(ServiceUnreachable, match=r"503.*No model"),
    ):
        plantain.job("job_1")


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("It is damaged.", "Not valid. It is damaged. (Field: mask)"),
        ("mask: must be an object", "Not valid. mask: must be an object."),
    ],
)
def test_a_refusal_names_the_field_once(detail: str, said: str) -> None:
    assert str(RequestRefused({"title": "Not valid", "detail": detail, "field": "mask"})) == said


def test_a_refusal_says_what_the_service_said() -> None:
    problem = {"title": "Not found", "detail": "There is no such job.", "code": "not_found"}
    with answering(Answer(404, problem)) as (_, plantain), pytest.raises(RequestRefused) as refused:
        plantain.job("job_1")
    assert str(refused.value) == "Not found. There is no such job."
    assert refused.value.code == "not_found"


@pytest.mark.parametrize("body", [b"<html>Forbidden</html>", b"[]", b"\xff"])
def test_a_refusal_that_is_no_problem_document_is_told_by_its_status(body: bytes) -> None:
    with answering(Answer(403, body)) as (_, plantain), pytest.raises(RequestRefused, match="403 Forbidden"):
        plantain.job("job_1")


def test_a_picture_behind_a_signed_url_is_fetched_without_our_key(bucket: Service) -> None:
    redirect = Answer(302, None, {"Location": f"{bucket.url}/picture?signature=s"})
    with answering(redirect, api_key="k", token="t") as (_, plantain):
        assert plantain.image("job_1", 0) == b"pixels"
    assert bucket.seen[0].path == "/picture?signature=s"
    assert not {"x-api-key", "authorization"} & bucket.seen[0].headers.keys()


def test_an_upload_is_put_where_the_service_says_and_as_it_says(bucket: Service) -> None:
    upload = {
        "upload": "up_1",
        "url": f"{bucket.url}/up_1",
        "method": "PUT",
        "headers": {"Content-Type": "image/png", "X-Goog-Meta-A": "b"},
    }
    with answering(Answer(201, upload), api_key="k") as (_, plantain):
        assert plantain.upload(b"pixels", "image/png") == "up_1"
    (seen,) = bucket.seen
    assert (seen.method, seen.path, seen.body) == ("PUT", "/up_1", b"pixels")
    assert seen.headers["x-goog-meta-a"] == "b"
    assert "x-api-key" not in seen.headers


def events_of(*states: str) -> Answer:
    blocks = [f'event: progress\nid: {state}\ndata: {{"state": "{state}"}}\n\n' for state in states]
    text = "retry: 2000\n\n" + ": the job goes on\n\n".join(blocks)
    return Answer(200, text.encode(), {"Content-Type": "text/event-stream; charset=utf-8"})


def states_of(*states: str) -> list[Answer]:
    return [Answer(body={"state": state}) for state in states]


def followed(*answers: Answer) -> tuple[list[str], list[str]]:
    """Returns the states of a job as they were told, and the last parts of the paths that were asked for."""
    with answering(*answers) as (service, plantain):
        states = [job["state"] for job in plantain.follow("job_1")]
    return states, [seen.path.rpartition("/")[2] for seen in service.seen]


def test_a_job_is_followed_by_its_events_and_looked_at_once() -> None:
    states, asked = followed(events_of("queued", "running", "canceled"), *states_of("canceled"))
    assert states == ["queued", "running", "canceled"]
    assert asked == ["events", "job_1"]


def test_a_stream_that_ends_before_the_job_is_begun_again() -> None:
    first, second = events_of("queued"), events_of("running", "succeeded")
    states, asked = followed(first, *states_of("queued"), second, *states_of("succeeded"))
    assert states == ["queued", "queued", "running", "succeeded"]
    assert asked == ["events", "job_1", "events", "job_1"]


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(503, {"code": "too_many_waiting"}),
        Answer(404, {"code": "not_found"}),
        Answer(200, b"<html>", {"Content-Type": "text/html"}),
        Answer(200, b"data: [1]\n\n", {"Content-Type": "text/event-stream"}),
        Answer(200, b"data: {}\n\n", {"Content-Type": "text/event-stream"}),
        Answer(200, b"data: no json\n\n", {"Content-Type": "text/event-stream"}),
    ],
)
def test_where_there_are_no_events_the_job_is_looked_at_again_and_again(refusal: Answer) -> None:
    states, asked = followed(refusal, *states_of("queued", "running", "canceling", "canceled"))
    assert states == ["queued", "running", "canceling", "canceled"]
    assert asked == ["events", *["job_1"] * 4]


def test_a_listing_asks_for_what_is_given() -> None:
    with answering(Answer(body={"jobs": []})) as (service, plantain):
        plantain.jobs(state="failed", labels=("a:b", "c:d"), limit=5)
    assert service.seen[0].path == "/v1/jobs?state=failed&limit=5&label=a%3Ab&label=c%3Ad"


def test_where_no_stack_runs_and_no_url_is_set_nothing_is_reached(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnreachable, match="plantain up"):
        PlantainClient.from_environment({}, tmp_path)
