"""Batch prediction jobs as Vertex AI's REST surface shows them, in front of a container that is real.

https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.batchPredictionJobs
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.contract.object_names import parse_uri
from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.ports import ANY, HOST, open_stack_listener
from local.http_servers.server import serve_in_thread
from local.vertex_emulator.errors import VertexError, answer_error

if TYPE_CHECKING:
    from google.cloud import storage

Resource = dict[str, Any]
Predict = Callable[[Resource], list[Any]]

_JOBS = "/v1/projects/{project}/locations/{location}/batchPredictionJobs"
_NAME = re.compile(r'^display_name="([^"]*)"$')
_INSTANCES = 64  # in one request, where the job does not say
_OPEN = ("JOB_STATE_PENDING", "JOB_STATE_RUNNING")


class BatchPredictionJobs:
    """Jobs that read instances from Cloud Storage, have them predicted, and write the predictions there.

    Attributes:
        jobs: every job by its name, as it is now.
        paused: while it is set, new jobs stay pending; :meth:`run_job` then runs one.
        refuses: the status that every call is answered with, where there is one.

    Args:
        predict: the container's predictions for the body of one request. Raises VertexError.
        client: makes the storage client that reads the instances and writes the predictions.
    """

    def __init__(self, predict: Predict, client: Callable[[], storage.Client]) -> None:
        self.jobs: dict[str, Resource] = {}
        self.paused = False
        self.refuses: int | None = None
        self._predict = predict
        self._client = client
        self._ids = count(2001)
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        one = _JOBS + "/{job}"
        return [
            Route(_JOBS, self._create_job, methods=["POST"]),
            Route(_JOBS, self._list_jobs, methods=["GET"]),
            Route(one + ":cancel", self._cancel_job, methods=["POST"]),
            Route(one, self._get_job, methods=["GET"]),
        ]

    async def _create_job(self, request: Request) -> Response:
        self._raise_refusal()
        request_body = json.loads(await request.body())
        for field in ("displayName", "model", "inputConfig", "outputConfig"):
            if field not in request_body:
                raise VertexError(400, f"{field} is required.")
        parent = "projects/{project}/locations/{location}".format(**request.path_params)
        if not request_body["model"].startswith(f"{parent}/models/"):
            raise VertexError(400, "The model must be in the job's own location.")
        with self._lock:
            name = f"{parent}/batchPredictionJobs/{next(self._ids)}"
            self.jobs[name] = {
                **request_body,
                "name": name,
                "state": "JOB_STATE_PENDING",
                "createTime": _time_now(),
            }
        if not self.paused:
            threading.Thread(target=self.run_job, args=(name,), daemon=True).start()
        return JSONResponse(self.jobs[name])

    async def _list_jobs(self, request: Request) -> Response:
        self._raise_refusal()
        wanted = _NAME.match(request.query_params.get("filter", ""))
        if wanted is None:
            raise VertexError(400, "Only display_name can be filtered by here.")
        found = [job for job in self.jobs.values() if job["displayName"] == wanted[1]]
        return JSONResponse({"batchPredictionJobs": found})

    async def _get_job(self, request: Request) -> Response:
        return JSONResponse(self._find_job(request))

    async def _cancel_job(self, request: Request) -> Response:
        job = self._find_job(request)
        with self._lock:
            if job["state"] not in _OPEN:
                raise VertexError(400, "The job has ended.", "FAILED_PRECONDITION")
            job |= {"state": "JOB_STATE_CANCELLED", "endTime": _time_now()}
        return JSONResponse({})

    def _raise_refusal(self) -> None:
        if self.refuses is not None:
            raise VertexError(self.refuses, "The call is refused.")

    def _find_job(self, request: Request) -> Resource:
        self._raise_refusal()
        name = request.url.path.removeprefix("/v1/").removesuffix(":cancel")
        if name not in self.jobs:
            raise VertexError(404, f"BatchPredictionJob {name} is not found.")
        return self.jobs[name]

    # What a job does.

    def run_job(self, name: str) -> None:
        """Runs a job from its instances to its predictions; instances that the container fails are
        counted.
        """
        job = self.jobs[name]
        if not self._set_state(job, "JOB_STATE_RUNNING"):
            return
        size = int(job.get("manualBatchTuningParameters", {}).get("batchSize") or _INSTANCES)
        answers: list[Any] = []
        failed = 0
        instances = self._read_instances(job)
        parameters = {"parameters": job["modelParameters"]} if "modelParameters" in job else {}
        while (group := list(islice(instances, size))) and job["state"] in _OPEN:
            try:
                predicted = self._predict({"instances": group, **parameters})
            except VertexError:
                failed += len(group)
                continue
            answers += [
                {"instance": each, "prediction": made} for each, made in zip(group, predicted, strict=True)
            ]
        self._write_predictions(job, answers)
        job["completionStats"] = {"successfulCount": str(len(answers)), "failedCount": str(failed)}
        self._set_state(job, "JOB_STATE_FAILED" if failed and not answers else "JOB_STATE_SUCCEEDED")

    def _set_state(self, job: Resource, state: str) -> bool:
        with self._lock:
            if job["state"] not in _OPEN:
                return False
            job |= {"state": state, "updateTime": _time_now()}
            return True

    def _read_instances(self, job: Resource) -> Iterator[Any]:
        for uri in job["inputConfig"]["gcsSource"]["uris"]:
            name = parse_uri(uri)
            for line in self._client().bucket(name.bucket).blob(name.name).download_as_bytes().splitlines():
                yield json.loads(line)

    def _write_predictions(self, job: Resource, answers: list[Any]) -> None:
        name = parse_uri(job["outputConfig"]["gcsDestination"]["outputUriPrefix"])
        blob = self._client().bucket(name.bucket).blob(f"{name.name}/prediction.results-00000-of-00001")
        blob.upload_from_string("".join(json.dumps(answer) + "\n" for answer in answers))


@contextmanager
def serve_batch_predictions(predictions: BatchPredictionJobs) -> Generator[str]:
    """Serves the jobs alone, by HTTP in a thread of its own; yields the value of PLANTAIN_VERTEX_URL."""
    app = AsgiGuard(Starlette(routes=predictions.routes(), exception_handlers={VertexError: answer_error}))
    listener = open_stack_listener("vertex", ANY)
    with serve_in_thread(app, listener, "vertex"):
        yield f"http://{HOST}:{listener.getsockname()[1]}"


def _time_now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
