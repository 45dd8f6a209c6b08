"""The client of Plantain's HTTP API that the command line, the demo and the benchmarks use.

It works with the laptop's stack and with a deployment.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from functions.contract.states import State
from local.client.job_events import listen
from local.data_folder import DEFAULT, DataDirectory

Json = dict[str, Any]

TRIES = 4  # of a call that may be repeated
LONGEST_PAUSE = 5.0  # seconds between two of them, whatever the service asks for
POLL_SECONDS = (0.1, 0.5)  # between looks at a job: at first, and once it takes its time
_POLL_GROWTH = 1.15
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_TIMEOUT = httpx.Timeout(30, read=90)  # ``Prefer: wait`` holds an answer back for up to a minute


class ServiceUnreachable(Exception):
    """Nothing answers, or what answers cannot serve."""


class RequestRefused(Exception):
    """The service refused the request; ``problem`` is its problem+json."""

    def __init__(self, problem: Json) -> None:
        said = dict.fromkeys(problem[part].rstrip(".") for part in ("title", "detail") if problem.get(part))
        at = problem.get("field")
        where = f" (Field: {at})" if at and at not in problem.get("detail", "") else ""
        super().__init__(". ".join(said or ("The request was refused",)) + "." + where)
        self.problem = problem

    @property
    def code(self) -> str:
        return str(self.problem.get("code", "unknown"))


class PlantainClient:
    """A service at ``url``.

    Args:
        url: where it answers, such as ``http://127.0.0.1:8080``.
        api_key: sent as ``X-API-Key``.
        token: an identity token, as ``gcloud auth print-identity-token`` prints, sent as a bearer.

    Raises ServiceUnreachable for what is no address, and a key or token that no header can carry.
    """

    def __init__(self, url: str, *, api_key: str | None = None, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"User-Agent": "plantain"}
        headers |= {"X-API-Key": api_key} if api_key else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        _check_address(self.url, headers)
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT)

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, data: Path | None = None
    ) -> PlantainClient:
        """Connects to PLANTAIN_URL, else to the stack of the data directory.

        Raises ServiceUnreachable without either.
        """
        return cls(
            environment.get("PLANTAIN_URL") or read_stack_state(environment, data)["api"],
            api_key=environment.get("PLANTAIN_API_KEY"),
            token=environment.get("PLANTAIN_TOKEN"),
        )

    def __enter__(self) -> PlantainClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def read_health(self) -> Json:
        return _json_object(self._call("GET", "/healthz"))

    def create(self, request: Json, idempotency_key: str | None = None, wait: int = 0) -> Json:
        """Creates a job and returns it. Safe to repeat: without a key of the caller's, it makes one."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        headers |= {"Prefer": f"wait={wait}"} if wait else {}
        return _json_object(self._call("POST", "/v1/jobs", json=request, headers=headers))

    def job(self, job_id: str) -> Json:
        return _json_object(self._call("GET", _job_path(job_id)))

    def jobs(
        self,
        *,
        state: str | None = None,
        labels: tuple[str, ...] = (),
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Json:
        """Returns one page, newest first. ``labels`` are written ``key:value``."""
        single = {"state": state, "limit": limit, "cursor": cursor}
        given: list[tuple[str, str | int]] = [(name, value) for name, value in single.items() if value]
        query = httpx.QueryParams([*given, *(("label", label) for label in labels)])
        return _json_object(self._call("GET", "/v1/jobs", params=query))

    def cancel(self, job_id: str) -> Json:
        return _json_object(self._call("POST", f"{_job_path(job_id)}/cancel"))

    def delete(self, job_id: str) -> Json:
        """Deletes a job and returns what is left of it: hashes."""
        return _json_object(self._call("DELETE", _job_path(job_id)))

    def manifest(self, job_id: str) -> Json:
        return _json_object(self._call("GET", f"{_job_path(job_id)}/manifest"))

    def image(self, job_id: str, n: int) -> bytes:
        answer = self._call("GET", f"{_job_path(job_id)}/images/{n}")
        if not answer.is_redirect:
            return answer.content
        # A signed URL: it belongs to Cloud Storage, which must not see our key.
        return _request_storage("GET", answer.headers["location"]).content

    def upload(self, data: bytes, content_type: str) -> str:
        """Uploads ``data`` and returns the id of the upload."""
        upload = _json_object(self._call("POST", "/v1/uploads", json={"content_type": content_type}))
        _request_storage(upload["method"], upload["url"], content=data, headers=upload["headers"])
        return upload["upload"]

    def webhook_secret(self) -> Json:
        """Returns the caller's owner, and the secrets that sign its webhooks."""
        return self._call("GET", "/v1/webhook-secret").json()

    def create_batch(self, request: Json, idempotency_key: str | None = None) -> Json:
        """Creates a batch and returns it. Safe to repeat: without a key of the caller's, it makes one."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return _json_object(self._call("POST", "/v1/batches", json=request, headers=headers))

    def batch(self, batch_id: str) -> Json:
        return _json_object(self._call("GET", f"/v1/batches/{batch_id}"))

    def cancel_batch(self, batch_id: str) -> Json:
        return _json_object(self._call("POST", f"/v1/batches/{batch_id}/cancel"))

    def batch_manifest(self, batch_id: str) -> Json:
        """Returns the summary of a batch that has ended."""
        return _json_object(self._call("GET", f"/v1/batches/{batch_id}/manifest"))

    def follow(self, job_id: str) -> Iterator[Json]:
        """Yields what the job's events tell, and as the last the whole job, which has ended.

        Each look at a job costs the service operations of its storage, at a queued one also a listing: its
        events cost less. Where the service takes no more listeners, the job is looked at again and again.
        """
        pause, longest = POLL_SECONDS
        can_listen = True
        while True:
            if can_listen:
                can_listen = yield from listen(self._http, f"{_job_path(job_id)}/events")
            job = self.job(job_id)
            yield job
            if State(job["state"]).is_terminal:
                return
            time.sleep(pause)
            pause = min(pause * _POLL_GROWTH, longest)

    def wait(self, job_id: str) -> Json:
        """Returns the job once it has ended."""
        *_, ended = self.follow(job_id)
        return ended

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Sends a call, and repeats it where that can help: calls that create carry an idempotency key."""
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                # A refused connection stays refused; an answer that was cut off is worth another try.
                if isinstance(error, httpx.ConnectError) or attempt == TRIES:
                    raise ServiceUnreachable(
                        f"{self.url} cannot be reached: {_describe_failure(error)}."
                    ) from None
                pause = 0.2 * 2**attempt
            else:
                if answer.status_code not in (429, 503) or attempt == TRIES:
                    return _check_answer(answer)
                pause = _retry_after(answer) or 0.2 * 2**attempt
            time.sleep(pause)
        raise AssertionError("unreachable: the last try returns or raises")


def _check_address(url: str, headers: Mapping[str, str]) -> None:
    try:
        known = httpx.URL(url)
    except httpx.InvalidURL:
        known = httpx.URL("")
    if known.scheme not in ("http", "https") or not known.host:
        raise ServiceUnreachable(
            f"{url} is no address: write PLANTAIN_URL as https://HOST or http://HOST:PORT."
        )
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise ServiceUnreachable("PLANTAIN_API_KEY and PLANTAIN_TOKEN must be printable ASCII.")


def _job_path(job_id: str) -> str:
    """Returns the path of a job. Raises RequestRefused for an invalid id, which could name another path."""
    if not _ID.match(job_id):
        detail = f"{job_id or 'That'} is no job's id: those are job_ and 26 letters and digits."
        raise RequestRefused(
            {"title": "The request is not valid", "detail": detail, "code": "invalid_request"}
        )
    return f"/v1/jobs/{job_id}"


def _json_object(answer: httpx.Response) -> Json:
    """Returns Plantain's JSON object. Raises ServiceUnreachable where another program answered."""
    try:
        value = answer.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ServiceUnreachable(f"What answers at {answer.url.host} is not Plantain: check PLANTAIN_URL.")
    return value


def read_stack_state(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Json:
    """Returns the state that the running stack wrote. Raises ServiceUnreachable when none runs."""
    directory = data or Path(environment.get("PLANTAIN_DATA") or DEFAULT)
    state = DataDirectory(directory).read_state()
    if state is None:
        raise ServiceUnreachable(
            f"No stack runs on {directory}. Start one with `plantain up`, or set PLANTAIN_URL."
        )
    return state


def _retry_after(answer: httpx.Response) -> float:
    """Returns the seconds to wait; 0 where the service names none, or a date."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), LONGEST_PAUSE) if text.isdigit() else 0.0


def _request_storage(method: str, url: str, **options: Any) -> httpx.Response:
    try:
        answer = httpx.request(method, url, timeout=_TIMEOUT, **options)
    except httpx.TransportError as error:
        raise ServiceUnreachable(
            f"{httpx.URL(url).host} cannot be reached: {_describe_failure(error)}."
        ) from None
    if answer.is_error:
        raise ServiceUnreachable(f"{httpx.URL(url).host} answered {answer.status_code}.")
    return answer


def _describe_failure(error: httpx.TransportError) -> str:
    """Returns what happened in words: the system's messages are numbers."""
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return "nothing answers there" if isinstance(error, httpx.ConnectError) else "the connection broke off"


def _check_answer(answer: httpx.Response) -> httpx.Response:
    if not answer.is_error:
        return answer
    problem = _read_problem(answer)
    if answer.is_server_error:
        raise ServiceUnreachable(f"The service answered {answer.status_code}: {problem['detail']}")
    raise RequestRefused(problem)


def _read_problem(answer: httpx.Response) -> Json:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {"title": answer.reason_phrase, "status": answer.status_code}
    return {"detail": f"{answer.status_code} {answer.reason_phrase}", **problem}
