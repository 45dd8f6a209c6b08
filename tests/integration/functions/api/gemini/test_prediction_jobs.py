"""Vertex AI's batch prediction jobs: requests in a bucket, and answers in another."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest

from functions.api.batch_interfaces import BATCH_INTERFACES
from functions.api.gemini.prediction_jobs import prediction_files
from functions.api.gemini.prediction_jobs.job_names import batch_of_number, number_of_batch
from functions.batches.state_machine import advance_batch
from functions.contract import paths
from functions.contract.errors import BlockFacts, ErrorFacts, NotFound, Transient
from tests.integration.functions.api.painter import Painter
from tests.integration.functions.batch import Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment

PARENT = "projects/p/locations/us-central1"
JOBS = f"/v1beta1/{PARENT}/batchPredictionJobs"
MODEL = "publishers/google/models/gemini-3.1-flash-image"


def request(text: str = "a red boat", **config: Any) -> dict[str, Any]:
    asked = {"imageConfig": {"imageSize": "512px"}, **config}
    return {"contents": [{"role": "user", "parts": [{"text": text}]}], "generationConfig": asked}


def line(text: str = "a red boat", **config: Any) -> dict[str, Any]:
    return {"request": request(text, **config)}


@dataclass(frozen=True)
class Client:
    """One caller of the interface."""

    deployment: Deployment
    headers: dict[str, str]

    @property
    def place(self) -> str:
        return f"gs://{self.deployment.settings.results_bucket}/batches"

    def put(self, *lines: Any, name: str = "team/boats.jsonl") -> str:
        """The name of a file of these lines in the uploads bucket."""
        uploads = self.deployment.services.uploads
        uploads.put(name, jsonl(*lines), "application/jsonl")
        return f"gs://{uploads.name}/{name}"

    def body(self, source: str, **fields: Any) -> dict[str, Any]:
        return {
            "displayName": "boats",
            "model": MODEL,
            "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": [source]}},
            "outputConfig": {
                "predictionsFormat": "jsonl",
                "gcsDestination": {"outputUriPrefix": self.place},
            },
            **fields,
        }

    def create(self, body: Any) -> Answer:
        return self.deployment.client.post(JOBS, json=body, headers=self.headers)

    def begin(self, *lines: Any) -> Batch:
        """The batch of a job with these lines, read as far as it goes."""
        made = self.create(self.body(self.put(*lines)))
        assert made.status_code == 200, made.text
        number = made.json["name"].removeprefix(f"{PARENT}/batchPredictionJobs/")
        return Batch(self.deployment, batch_of_number(number)).driven()

    def get(self, path: str = "") -> Answer:
        return self.deployment.client.get(JOBS + path, headers=self.headers)

    def show(self, batch: Batch) -> Any:
        answer = self.get(f"/{number_of_batch(batch.id)}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def cancel(self, batch: Batch) -> Answer:
        path = f"{JOBS}/{number_of_batch(batch.id)}:cancel"
        return self.deployment.client.post(path, headers=self.headers)

    def delete(self, batch: Batch) -> Answer:
        path = f"{JOBS}/{number_of_batch(batch.id)}"
        return self.deployment.client.open(path, method="DELETE", headers=self.headers)

    def files(self, batch: Batch) -> list[list[Any]]:
        """The lines of each file of answers, in the folder that the job names."""
        folder = self.show(batch)["outputInfo"]["gcsOutputDirectory"]
        bucket = self.deployment.services.results
        prefix = folder.removeprefix(f"gs://{bucket.name}/") + "/"
        names = [found.name for found in bucket.list(prefix) if found.name.endswith(".jsonl")]
        return [[json.loads(text) for text in bucket.get(name).data.splitlines()] for name in names]


@pytest.fixture
def client(deployment: Deployment) -> Client:
    return Client(deployment, {"Authorization": "Bearer k"})


def drawn(batch: Batch, **how: Any) -> None:
    """Draws the queued jobs, and brings the events of their ends and of what these write."""
    painter = Painter(batch.deployment, **how)
    painter.draw_queued()
    for record in painter.drawn:
        batch.told(record.id)
    batch.driven()


def pictures_of(answer: Any) -> list[bytes]:
    parts = [part for each in answer["response"]["candidates"] for part in each["content"]["parts"]]
    return [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]


def violated(answer: Answer) -> str:
    return answer.json["error"]["details"][1]["fieldViolations"][0]["field"]


def test_a_file_of_requests_is_answered_by_a_file_where_the_job_says(client: Client) -> None:
    batch = client.begin(line(), line("two boats", candidateCount=2, responseModalities=["IMAGE"]))
    running = client.show(batch)
    assert (running["name"], running["state"], running["model"], running["displayName"]) == (
        *(f"{PARENT}/batchPredictionJobs/{number_of_batch(batch.id)}", "JOB_STATE_RUNNING"),
        *(MODEL, "boats"),
    )
    assert running["completionStats"] == {
        "successfulCount": "0",
        "failedCount": "0",
        "incompleteCount": "2",
    }
    assert "outputInfo" not in running
    drawn(batch)
    shown = client.show(batch)
    assert (shown["state"], shown["completionStats"]["successfulCount"]) == ("JOB_STATE_SUCCEEDED", "2")
    assert shown["outputInfo"]["gcsOutputDirectory"] == f"{client.place}/{batch.id}"
    assert shown["outputConfig"]["gcsDestination"]["outputUriPrefix"] == client.place
    ((first, second),) = client.files(batch)
    assert (first["status"], first["request"]) == ("", request())
    stored = client.deployment.services.results.get(paths.result_picture(batch.jobs[0], 0, "png")).data
    assert pictures_of(first) == [stored]
    assert len(pictures_of(second)) == 2


def test_a_faulty_line_has_its_error_and_a_block_is_an_answer(client: Client) -> None:
    batch = client.begin(line(), {"request": 1, "id": "b"}, b"{", line(imageConfig={"imageSize": "9K"}))
    block = BlockFacts(categories=("violence",), policy_version="1", support_code="s")
    drawn(batch, error=ErrorFacts(code="prompt_blocked", message="No.", stage="screen", block=block))
    ((blocked, *faulty),) = client.files(batch)
    assert (blocked["status"], blocked["response"]["promptFeedback"]["blockReason"]) == ("", "SAFETY")
    assert [each["response"] for each in faulty] == [{}, {}, {}]
    assert all(each["status"].startswith('Bad Request: {"error": {"code": 400') for each in faulty)
    assert (faulty[0]["id"], "request" in faulty[1]) == ("b", False)
    assert client.show(batch)["completionStats"]["failedCount"] == "4"


def test_answers_that_are_more_than_a_file_holds_go_on_in_the_next(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_files, "FILE_BYTES", 6_000)
    batch = client.begin(*(line(f"boat {n}") for n in range(5)))
    drawn(batch)
    files = client.files(batch)
    words = [each["request"]["contents"][0]["parts"][0]["text"] for file in files for each in file]
    assert (words, len(files) > 1) == ([f"boat {n}" for n in range(5)], True)


def test_writing_goes_on_where_it_was_interrupted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction_files, "FILE_BYTES", 1)
    batch = client.begin(*(line(f"boat {n}") for n in range(3)))
    painter = Painter(client.deployment)
    painter.draw_queued()
    for record in painter.drawn:
        batch.told(record.id)
    services = client.deployment.services
    advance_batch(services, batch.id, seconds=0, interfaces=BATCH_INTERFACES)
    assert (client.show(batch)["state"], batch.summary) == ("JOB_STATE_RUNNING", None)
    before = {found.name: found.generation for found in services.results.list(f"batches/{batch.id}/")}
    assert len(before) == 1
    batch.driven()
    after = {found.name: found.generation for found in services.results.list(f"batches/{batch.id}/")}
    assert before.items() <= after.items()
    assert [len(file) for file in client.files(batch)] == [1, 1, 1]


def test_a_failure_in_the_middle_of_a_file_leaves_none(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = client.begin(line())
    painter = Painter(client.deployment)
    painter.draw_queued()
    batch.told(painter.drawn[0].id)
    services = client.deployment.services

    def gone(*_: object) -> Any:
        raise NotFound("gone")

    monkeypatch.setattr(type(services.results), "read_pieces", gone)
    with pytest.raises(Transient):
        advance_batch(services, batch.id, interfaces=BATCH_INTERFACES)
    monkeypatch.undo()
    assert list(services.results.list(f"batches/{batch.id}/")) == []
    batch.driven()
    assert len(client.files(batch)) == 1


def test_a_file_of_requests_that_is_gone_by_then_costs_only_its_copy(client: Client) -> None:
    batch = client.begin(line())
    client.deployment.services.uploads.delete("team/boats.jsonl")
    drawn(batch)
    ((answer,),) = client.files(batch)
    assert ("request" in answer, len(pictures_of(answer))) == (False, 1)


def test_a_cancel_in_the_middle_keeps_what_is_drawn(client: Client) -> None:
    batch = client.begin(line(), line())
    batch.succeed(batch.jobs[:1])
    assert (client.cancel(batch).json, client.show(batch)["state"]) == ({}, "JOB_STATE_CANCELLING")
    batch.driven()
    assert client.show(batch)["state"] == "JOB_STATE_CANCELLED"
    ((kept, canceled),) = client.files(batch)
    assert (len(pictures_of(kept)), canceled["response"]) == (1, {})
    assert client.cancel(batch).status_code == 200


def test_a_file_that_is_no_list_of_lines_fails_the_job(client: Client) -> None:
    shown = client.show(client.begin(b"not json"))
    assert (shown["state"], shown["error"]["code"], "outputInfo" in shown) == ("JOB_STATE_FAILED", 3, False)


def test_a_job_is_deleted_with_its_files_and_not_the_requests(client: Client) -> None:
    batch = client.begin(line())
    assert client.delete(batch).status_code == 409
    drawn(batch)
    batch.tell()
    answer = client.delete(batch).json
    assert (answer["done"], answer["name"].startswith(f"{PARENT}/operations/")) == (True, True)
    assert client.get(f"/{number_of_batch(batch.id)}").status_code == 404
    services = client.deployment.services
    assert [found.name for found in services.results.list("batches/")] == []
    assert services.uploads.stat("team/boats.jsonl").size > 0


def test_jobs_are_listed_in_pages_and_apart_from_other_batches(client: Client) -> None:
    batches = [client.begin(line()) for _ in range(3)]
    first = client.get("?pageSize=2").json
    rest = client.get(f"?pageSize=2&pageToken={first['nextPageToken']}").json
    found = [job["name"] for job in (*first["batchPredictionJobs"], *rest["batchPredictionJobs"])]
    assert found == [client.show(batch)["name"] for batch in reversed(batches)]
    assert "nextPageToken" not in rest
    google = {"x-goog-api-key": "k"}
    assert client.deployment.client.get("/v1beta/batches", headers=google).json["operations"] == []
    assert client.get('?filter=state%3D"JOB_STATE_FAILED"').json["error"]["status"] == "INVALID_ARGUMENT"


def test_a_repeat_is_one_job(client: Client) -> None:
    keyed = Client(client.deployment, {**client.headers, "Idempotency-Key": "nightly"})
    body = keyed.body(keyed.put(line()))
    first, again = keyed.create(body).json, keyed.create(body).json
    assert first["name"] == again["name"]
    changed = keyed.create({**body, "displayName": "other"})
    assert (changed.status_code, changed.json["error"]["status"]) == (409, "ABORTED")


SOURCE = "inputConfig.gcsSource.uris"
DESTINATION = "outputConfig.gcsDestination.outputUriPrefix"


@pytest.mark.parametrize(
    "source",
    [
        *("gs://somebody-elses/in.jsonl", "gs://{results}/job_x/manifest.json", "gs://{jobs}/jobs/x.json"),
        *("gs://{uploads}/gone.jsonl", "gs://{uploads}/../x.jsonl", "gs://{uploads}/", "bq://p.d.t"),
        *("https://example.com/in.jsonl", "", "gs://{uploads}/api/another-owner/up_x"),
    ],
)
def test_a_source_that_may_not_be_read_is_refused(client: Client, source: str) -> None:
    settings = client.deployment.settings
    named = source.format(
        uploads=settings.uploads_bucket, results=settings.results_bucket, jobs=settings.jobs_bucket
    )
    answer = client.create(client.body(named))
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert violated(answer) == SOURCE
    assert [name for name in client.deployment.objects() if "batch" in name] == []


@pytest.mark.parametrize(
    "place",
    [
        *("gs://somebody-elses/out", "gs://{uploads}/out", "gs://{jobs}/batches", "gs://{results}/job_x"),
        *("gs://{results}/batches/x", "gs://{results}/batches/../job_x", "bq://p.d.t", ""),
    ],
)
def test_a_place_that_is_not_for_answers_is_refused_with_the_one_that_is(client: Client, place: str) -> None:
    settings = client.deployment.settings
    named = place.format(
        uploads=settings.uploads_bucket, results=settings.results_bucket, jobs=settings.jobs_bucket
    )
    output = {"predictionsFormat": "jsonl", "gcsDestination": {"outputUriPrefix": named}}
    answer = client.create(client.body(client.put(line()), outputConfig=output))
    assert (answer.status_code, violated(answer)) == (400, DESTINATION)
    assert client.place in answer.json["error"]["message"]


@pytest.mark.parametrize("suffix", ["", "/", "/batches/"])
def test_the_bucket_of_results_may_be_named_as_a_whole(client: Client, suffix: str) -> None:
    place = f"gs://{client.deployment.settings.results_bucket}{suffix}"
    output = {"gcsDestination": {"outputUriPrefix": place}}
    answer = client.create(client.body(client.put(line()), outputConfig=output))
    assert answer.json["outputConfig"]["gcsDestination"]["outputUriPrefix"] == place


@pytest.mark.parametrize(
    "change",
    [
        {"model": None},
        {"model": ["x"]},
        {"inputConfig": None},
        {"inputConfig": "gs://x/y"},
        {"inputConfig": {"instancesFormat": "bigquery", "bigquerySource": {"inputUri": "bq://p.d.t"}}},
        {"inputConfig": {"gcsSource": {"uris": []}}},
        {"inputConfig": {"gcsSource": {"uris": ["gs://a/b", "gs://a/c"]}}},
        {"inputConfig": {"gcsSource": {"uris": "gs://a/b"}}},
        {"outputConfig": {"predictionsFormat": "csv"}},
        {"displayName": "x" * 513},
    ],
)
def test_what_is_no_job_is_refused(client: Client, change: dict[str, Any]) -> None:
    answer = client.create({**client.body(client.put(line())), **change})
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_snake_case_is_read_too(client: Client) -> None:
    answer = client.create(
        {
            "display_name": "d",
            "model": MODEL,
            "input_config": {"gcs_source": {"uris": [client.put(line())]}},
            "output_config": {"gcs_destination": {"output_uri_prefix": client.place}},
        }
    )
    assert (answer.status_code, answer.json["displayName"]) == (200, "d")


def test_an_unknown_model_is_refused_at_once(client: Client) -> None:
    answer = client.create(client.body(client.put(line()), model="publishers/google/models/no-such"))
    assert (answer.status_code, answer.json["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("number", ["0", "9" * 39, "9" * 40, "x", "-1", "١", "batch_x", "1e3"])
def test_a_number_that_no_job_has_is_not_found(client: Client, number: str) -> None:
    answer = client.get(f"/{number}")
    assert (answer.status_code, answer.json["error"]["status"]) == (404, "NOT_FOUND")


def test_another_owner_sees_nothing_and_reads_nothing(deployment: Deployment) -> None:
    keys = {hashlib.sha256(f"{name}-key".encode()).hexdigest(): name for name in ("ada", "bob")}
    shared = deployment.replace(api_keys=keys, uploads_owners={"team/": "ada"})
    ada, bob = (Client(shared, {"Authorization": f"Bearer {name}-key"}) for name in ("ada", "bob"))
    batch = ada.begin(line())
    assert bob.get().json["batchPredictionJobs"] == []
    tries = [bob.get(f"/{number_of_batch(batch.id)}"), bob.cancel(batch), bob.delete(batch)]
    assert [answer.status_code for answer in tries] == [404] * 3
    stolen = bob.create(bob.body(f"gs://{shared.settings.uploads_bucket}/team/boats.jsonl"))
    assert (stolen.status_code, violated(stolen)) == (400, SOURCE)
    assert ada.show(batch)["state"] == "JOB_STATE_RUNNING"


def test_a_bucket_that_is_open_for_inputs_may_have_the_requests(deployment: Deployment) -> None:
    bucket = f"in-{deployment.settings.project}"
    deployment.storage.create_bucket(bucket)
    client = Client(deployment.replace(input_buckets=(bucket,)), {"Authorization": "Bearer k"})
    deployment.services.open_bucket(bucket).put("a.jsonl", jsonl(line()), "application/jsonl")
    assert client.create(client.body(f"gs://{bucket}/a.jsonl")).status_code == 200
