"""Batches as Google's clients create, follow, read and cancel them."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest

from functions.api.gemini.batches import batch_output
from functions.contract import paths
from functions.contract.errors import BlockFacts, ErrorFacts
from functions.files.stored_files import FileLabels, store_file
from tests.integration.functions.api.painter import Painter
from tests.integration.functions.batch import Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

CREATE = "/v1beta/models/gemini-3.1-flash-image:batchGenerateContent"
GOOGLE = {"x-goog-api-key": "k"}


def request(text: str = "a red boat", *parts: Any, **config: Any) -> dict[str, Any]:
    asked = {"imageConfig": {"imageSize": "512px"}, **config}
    return {"contents": [{"parts": [{"text": text}, *parts]}], "generationConfig": asked}


def inlined(body: Any = None, **metadata: str) -> dict[str, Any]:
    found: dict[str, Any] = {"request": request() if body is None else body}
    return {**found, "metadata": metadata} if metadata else found


@dataclass(frozen=True)
class Client:
    """One caller of the interface."""

    deployment: Deployment
    headers: dict[str, str]

    def create(self, config: Any, path: str = CREATE, **batch: Any) -> Answer:
        body = {"batch": {"displayName": "boats", "inputConfig": config, **batch}}
        return self.deployment.client.post(path, json=body, headers=self.headers)

    def begin(self, *requests: Any, **batch: Any) -> Batch:
        """A batch of these requests, read as far as it goes."""
        return self.followed(self.create({"requests": {"requests": list(requests)}}, **batch))

    def begin_file(self, *lines: Any) -> Batch:
        file = store_file(self.deployment.services, "local", jsonl(*lines), FileLabels(purpose="batch"))
        return self.followed(self.create({"fileName": f"files/{file.id.removeprefix('up_')}"}))

    def followed(self, made: Answer) -> Batch:
        assert made.status_code == 200, made.text
        return Batch(self.deployment, made.json["name"].removeprefix("batches/")).driven()

    def get(self, path: str) -> Answer:
        return self.deployment.client.get(path, headers=self.headers)

    def show(self, batch: Batch, version: str = "v1beta") -> Any:
        answer = self.get(f"/{version}/batches/{batch.id}")
        assert answer.status_code == 200, answer.text
        assert answer.content_length == len(answer.data)
        return answer.json

    def cancel(self, batch: Batch) -> Answer:
        return self.deployment.client.post(f"/v1beta/batches/{batch.id}:cancel", headers=self.headers)

    def delete(self, batch: Batch) -> Answer:
        return self.deployment.client.open(
            f"/v1beta/batches/{batch.id}", method="DELETE", headers=self.headers
        )

    def lines(self, name: str) -> list[Any]:
        answer = self.get(f"/v1beta/{name}:download?alt=media")
        assert answer.status_code == 200, answer.text
        return [json.loads(text) for text in answer.data.splitlines()]


@pytest.fixture
def client(deployment: Deployment) -> Client:
    return Client(deployment, GOOGLE)


def drawn(batch: Batch, **how: Any) -> None:
    """Draws the queued jobs, and brings the events of their ends."""
    painter = Painter(batch.deployment, **how)
    painter.draw_queued()
    for record in painter.drawn:
        batch.told(record.id)


def pictures_of(response: Any) -> list[bytes]:
    parts = [part for each in response["candidates"] for part in each["content"]["parts"]]
    return [
        base64.b64decode(part["inlineData"]["data"], validate=True) for part in parts if "inlineData" in part
    ]


def results_of(shown: Any) -> Any:
    return shown["metadata"]["output"]["inlinedResponses"]["inlinedResponses"]


def test_requests_in_the_body_are_answered_in_the_operation(client: Client) -> None:
    made = client.create({"requests": {"requests": [inlined(key="a"), inlined()]}})
    facts = made.json["metadata"]
    assert (facts["state"], facts["displayName"], facts["model"], "done" in made.json) == (
        *("BATCH_STATE_PENDING", "boats", "models/gemini-3.1-flash-image"),
        False,
    )
    batch = client.followed(made)
    running = client.show(batch)
    assert running["metadata"]["state"] == "BATCH_STATE_RUNNING"
    assert running["metadata"]["batchStats"]["pendingRequestCount"] == "2"
    drawn(batch)
    shown = client.show(batch, "v1")
    assert (shown["done"], shown["metadata"]["state"], shown["metadata"]["batchStats"]) == (
        *(True, "BATCH_STATE_SUCCEEDED"),
        {
            "requestCount": "2",
            "successfulRequestCount": "2",
            "failedRequestCount": "0",
            "pendingRequestCount": "0",
        },
    )
    first, second = results_of(shown)
    assert (first["metadata"], "metadata" in second) == ({"key": "a"}, False)
    for result, job_id in zip((first, second), batch.jobs, strict=True):
        stored = client.deployment.services.results.get(paths.result_picture(job_id, 0, "png")).data
        assert pictures_of(result["response"]) == [stored]
        assert result["response"]["candidates"][0]["finishReason"] == "STOP"
    assert shown["response"]["inlinedResponses"] == shown["metadata"]["output"]["inlinedResponses"]


def test_a_file_of_requests_is_answered_by_a_file(client: Client) -> None:
    batch = client.begin_file(
        {"key": "one", "request": request(candidateCount=2, responseModalities=["IMAGE"])},
        {"key": "two", "request": {"contents": []}},
        b"{",
        {"key": "four"},
        {"key": 5, "request": request()},
        {"key": "one", "request": request("a blue boat")},
    )
    drawn(batch)
    output = client.show(batch)["metadata"]["output"]
    file = client.get(f"/v1beta/{output['responsesFile']}").json
    assert (file["name"], file["mimeType"], file["source"]) == (
        *(output["responsesFile"], "application/jsonl"),
        "GENERATED",
    )
    one, two, three, four, five, again = client.lines(output["responsesFile"])
    assert (one["key"], len(pictures_of(one["response"]))) == ("one", 2)
    assert all(
        "text" not in part for each in one["response"]["candidates"] for part in each["content"]["parts"]
    )
    assert [(each.get("key"), each["error"]["code"]) for each in (two, three, four, five)] == [
        *(("two", 3), (None, 3)),
        *(("four", 3), (None, 3)),
    ]
    assert (again["key"], len(pictures_of(again["response"]))) == ("one", 1)
    assert "text" in again["response"]["candidates"][0]["content"]["parts"][0]


def test_more_pictures_than_an_answer_holds_are_a_file(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = client.begin(inlined(key="a"), inlined(key="b"))
    drawn(batch)
    monkeypatch.setattr(batch_output, "MOST_BYTES", batch_output._MARGIN + 3_000)  # pyright: ignore[reportPrivateUsage]
    output = client.show(batch)["metadata"]["output"]
    assert [line["metadata"]["key"] for line in client.lines(output["responsesFile"])] == ["a", "b"]
    monkeypatch.undo()
    assert len(results_of(client.show(batch))) == 2
    monkeypatch.setattr(batch_output, "MOST_INLINE", 1)
    assert "responsesFile" in client.show(batch)["metadata"]["output"]


def test_a_block_is_an_answer_and_an_error_is_none(client: Client) -> None:
    batch = client.begin(
        inlined(key="blocked"), inlined(request("x", imageConfig={"imageSize": "9K"}), key="bad")
    )
    block = BlockFacts(categories=("violence",), policy_version="1", support_code="s")
    drawn(batch, error=ErrorFacts(code="prompt_blocked", message="No.", stage="screen", block=block))
    blocked, bad = results_of(client.show(batch))
    assert blocked["response"]["promptFeedback"]["blockReason"] == "SAFETY"
    assert (bad["error"]["code"], bad["metadata"]) == (3, {"key": "bad"})


def test_lines_name_stored_files_and_carry_small_pictures(client: Client) -> None:
    file = store_file(client.deployment.services, "local", picture(), FileLabels(mime_type="image/png"))
    address = f"http://localhost/v1beta/files/{file.id.removeprefix('up_')}"
    parts = [
        {"fileData": {"fileUri": address}},
        {"inlineData": {"data": base64_of(picture(64, 64)), "mimeType": "image/png"}},
        {"fileData": {"fileUri": "https://example.com/boat.png"}},
    ]
    batch = client.begin(*(inlined(request("night", part)) for part in parts))
    stored, sent = (client.deployment.record(job_id).request for job_id in batch.jobs)
    assert (stored.task, sent.task) == ("edit", "edit")
    drawn(batch)
    *_, refused = results_of(client.show(batch))
    assert "not fetched" in refused["error"]["message"]


def test_a_line_may_name_its_own_model(client: Client) -> None:
    batch = client.begin(
        inlined({**request(), "model": "models/no-such"}), inlined({**request(), "model": "mock"})
    )
    assert len(batch.jobs) == 1
    drawn(batch)
    refused, _ = results_of(client.show(batch))
    assert refused["error"]["code"] == 5


def test_a_file_that_is_no_list_of_lines_fails(client: Client) -> None:
    batch = client.begin_file(b"not json")
    shown = client.show(batch)
    assert (shown["metadata"]["state"], shown["error"]["code"], shown["done"]) == (
        "BATCH_STATE_FAILED",
        3,
        True,
    )
    assert "output" not in shown["metadata"]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "batch.inputConfig"),
        ({"requests": {"requests": []}}, "batch.inputConfig"),
        ({"fileName": "files/x", "requests": {"requests": [inlined()]}}, "batch.inputConfig"),
        ({"fileName": "files/" + "a" * 26}, "batch.inputConfig.fileName"),
        ({"fileName": "../../etc/passwd"}, "batch.inputConfig.fileName"),
        ({"requests": {"requests": [{"metadata": {}}]}}, None),
    ],
)
def test_what_is_no_batch_is_refused(client: Client, config: Any, field: str | None) -> None:
    answer = client.create(config)
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    if field:
        assert answer.json["error"]["details"][1]["fieldViolations"][0]["field"] == field


def test_an_unknown_model_is_refused_at_once(client: Client) -> None:
    answer = client.create({"requests": {"requests": [inlined()]}}, "/v1/models/no-such:batchGenerateContent")
    assert answer.status_code == 404
    assert [name for name in client.deployment.objects() if "batch" in name] == []


def test_more_requests_than_a_batch_takes_are_refused(client: Client) -> None:
    answer = client.create({"requests": {"requests": [{"request": {}}] * 10_001}})
    assert answer.status_code == 400


def test_long_metadata_is_an_error_of_its_line(client: Client) -> None:
    batch = client.begin(inlined(note="x" * 2_001), inlined(note="<script>\u2028"))
    drawn(batch)
    long, short = results_of(client.show(batch))
    assert (long["error"]["code"], short["metadata"]) == (3, {"note": "<script>\u2028"})


def test_a_cancel_in_the_middle_keeps_what_is_drawn(client: Client) -> None:
    batch = client.begin(inlined(key="a"), inlined(key="b"))
    batch.succeed(batch.jobs[:1])
    assert (client.cancel(batch).status_code, client.cancel(batch).json) == (200, {})
    batch.driven()
    shown = client.show(batch)
    assert shown["metadata"]["state"] == "BATCH_STATE_CANCELLED"
    kept, canceled = results_of(shown)
    assert (len(pictures_of(kept["response"])), canceled["error"]["code"]) == (1, 10)


def test_a_batch_is_deleted_with_its_pictures_and_lines(client: Client) -> None:
    before = client.deployment.objects()
    batch = client.begin(inlined())
    assert client.delete(batch).status_code == 409
    drawn(batch)
    batch.tell()
    assert (client.delete(batch).json, client.delete(batch).json) == ({}, {})
    assert client.get(f"/v1beta/batches/{batch.id}").status_code == 404
    left = {name for name in client.deployment.objects() - before if "/api/" in name or "batch-items" in name}
    assert left == set()


def test_batches_are_listed_in_pages(client: Client) -> None:
    ids = [client.begin(inlined()).id for _ in range(4)]
    first = client.get("/v1beta/batches?pageSize=2").json
    rest = client.get(f"/v1/batches?pageSize=2&pageToken={first['nextPageToken']}").json
    found = [each["name"].removeprefix("batches/") for each in first["operations"] + rest["operations"]]
    assert (sorted(found), len(first["operations"])) == (sorted(ids), 2)
    assert "nextPageToken" not in rest  # the last page is full, and an empty one after it breaks the client
    assert client.get("/v1beta/batches?pageToken=x").status_code == 400
    assert client.get("/v1beta/batches?pageSize=x").status_code == 400


def test_one_address_has_three_interfaces_told_by_headers(client: Client) -> None:
    batch = client.begin(inlined())
    openai = {"User-Agent": "OpenAI/Python 3.57.0"}
    assert client.get("/v1/batches").json["operations"]
    assert client.deployment.client.get("/v1/batches", headers=openai).json["data"] == []
    own = client.deployment.client.get("/v1/batches").json["batches"]
    assert [each["id"] for each in own] == [batch.id]


def test_a_key_of_the_caller_is_one_batch(client: Client) -> None:
    keyed = Client(client.deployment, {**GOOGLE, "Idempotency-Key": "nightly"})
    first, again = keyed.begin(inlined()), keyed.begin(inlined())
    assert first.id == again.id
    uploads = [
        name
        for name in client.deployment.objects()
        if f"{client.deployment.settings.uploads_bucket}/" in name
    ]
    assert len(uploads) == 1


def test_another_owner_sees_nothing(deployment: Deployment) -> None:
    keys = {hashlib.sha256(f"{name}-key".encode()).hexdigest(): name for name in ("ada", "bob")}
    shared = deployment.replace(api_keys=keys)
    ada, bob = (Client(shared, {"x-goog-api-key": f"{name}-key"}) for name in ("ada", "bob"))
    batch = ada.begin(inlined())
    drawn(batch)
    assert bob.get("/v1beta/batches").json["operations"] == []
    tries = [
        *(bob.get(f"/v1beta/batches/{batch.id}"), bob.cancel(batch), bob.delete(batch)),
        *(
            bob.get(f"/v1beta/files/{batch.id.replace('_', '-')}{verb}")
            for verb in ("", ":download?alt=media")
        ),
    ]
    assert [answer.status_code for answer in tries] == [404] * 5
    assert len(results_of(ada.show(batch))) == 1
