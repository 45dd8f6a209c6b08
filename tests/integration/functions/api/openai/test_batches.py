"""Batches as OpenAI's clients create, follow, read and cancel them."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import partialmethod
from io import BytesIO
from typing import Any

import pytest

from functions.api.batch_interfaces import BATCH_INTERFACES
from functions.api.encoded_pictures import PictureMarks
from functions.batches.state_machine import advance_batch
from functions.contract import paths
from functions.contract.errors import BlockFacts, ErrorFacts, Transient
from tests.integration.functions.api.painter import Painter
from tests.integration.functions.batch import Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
BOAT = {"prompt": "a red boat", "size": "512x512"}


def line(custom_id: str, body: Any = BOAT, url: str = GENERATIONS, **more: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body, **more}


@dataclass(frozen=True)
class Client:
    """One caller of the interface."""

    deployment: Deployment
    headers: dict[str, str]

    def upload(self, data: bytes, purpose: str = "batch") -> str:
        form = {"purpose": purpose, "file": (BytesIO(data), "lines.jsonl")}
        return self.deployment.client.post("/v1/files", data=form, headers=self.headers).json["id"]

    def create(self, file: str, endpoint: str = GENERATIONS, **body: Any) -> Answer:
        body = {"input_file_id": file, "endpoint": endpoint, "completion_window": "24h", **body}
        return self.deployment.client.post("/v1/batches", json=body, headers=self.headers)

    def begin(self, *lines: Any, endpoint: str = GENERATIONS, **body: Any) -> Batch:
        """A batch of these lines, read as far as it goes."""
        made = self.create(self.upload(jsonl(*lines)), endpoint, **body)
        assert made.status_code == 200, made.text
        return Batch(self.deployment, made.json["id"]).driven()

    def get(self, path: str) -> Answer:
        return self.deployment.client.get(path, headers=self.headers)

    def show(self, batch: Batch) -> Any:
        return self.get(f"/v1/batches/{batch.id}").json

    def cancel(self, batch: Batch) -> Answer:
        return self.deployment.client.post(f"/v1/batches/{batch.id}/cancel", headers=self.headers)

    def lines(self, file_id: str) -> list[Any]:
        answer = self.get(f"/v1/files/{file_id}/content")
        assert answer.status_code == 200, answer.text
        return [json.loads(text) for text in answer.data.splitlines()]


@pytest.fixture
def client(deployment: Deployment) -> Client:
    return Client(deployment, PYTHON)


def drawn(batch: Batch, **how: Any) -> None:
    """Draws the queued jobs, and brings the events of their ends."""
    painter = Painter(batch.deployment, **how)
    painter.draw_queued()
    for record in painter.drawn:
        batch.told(record.id)


def test_results_are_read_in_parts(client: Client) -> None:
    batch = client.begin(*(line(str(n)) for n in range(1, 6)))
    drawn(batch)
    file = client.show(batch)["output_file_id"]

    def ids(query: str) -> list[str]:
        answer = client.get(f"/v1/files/{file}/content?{query}")
        return [json.loads(text)["custom_id"] for text in answer.data.splitlines()]

    parts = [ids(query) for query in ("lines=2", "after_line=2&lines=2", "after_line=4")]
    assert parts == [["1", "2"], ["3", "4"], ["5"]]
    assert client.get(f"/v1/files/{file}/content?after_line=x").json["error"]["param"] == "after_line"


def test_a_batch_goes_from_its_file_to_its_pictures(client: Client) -> None:
    made = client.create(client.upload(jsonl(line("a"), line("b"))), metadata={"team": "sea"}).json
    head = {"object": "batch", "status": "validating", "endpoint": GENERATIONS, "completion_window": "24h"}
    assert head.items() <= made.items()
    assert made["metadata"] == {"team": "sea"}
    assert made["expires_at"] - made["created_at"] == 24 * 3600
    batch = Batch(client.deployment, made["id"]).driven()
    running = client.show(batch)
    assert (running["status"], running["request_counts"]) == (
        "in_progress",
        {"total": 2, "completed": 0, "failed": 0},
    )
    assert (running["output_file_id"], running["errors"]) == (None, None)
    drawn(batch)
    ended = client.show(batch)
    assert (ended["status"], ended["request_counts"]["completed"], ended["error_file_id"]) == (
        *("completed", 2),
        None,
    )
    found = client.lines(ended["output_file_id"])
    assert [entry["custom_id"] for entry in found] == ["a", "b"]
    for entry, job_id in zip(found, batch.jobs, strict=True):
        assert (entry["error"], entry["response"]["status_code"]) == (None, 200)
        body = entry["response"]["body"]
        stored = client.deployment.services.results.get(paths.result_picture(job_id, 0, "png")).data
        assert base64.b64decode(body["data"][0]["b64_json"], validate=True) == stored
        assert (body["size"], body["output_format"]) == ("512x512", "png")
    assert len({entry["id"] for entry in found}) == 2


def test_each_line_is_answered_as_it_asked(client: Client) -> None:
    batch = client.begin(
        line("two", {**BOAT, "n": 2, "output_format": "webp", "quality": "low"}),
        line("url", {**BOAT, "response_format": "url"}),
    )
    drawn(batch)
    two, url = client.lines(client.show(batch)["output_file_id"])
    pictures = [base64.b64decode(each["b64_json"]) for each in two["response"]["body"]["data"]]
    assert [each[8:12] for each in pictures] == [b"WEBP"] * 2
    assert pictures[0] != pictures[1]
    assert two["response"]["body"]["quality"] == "low"
    assert url["response"]["body"]["data"][0]["url"].startswith("http")


def test_a_picture_of_many_pieces_arrives_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PictureMarks, "write", partialmethod(PictureMarks.write, piece=3 * 100))
    batch = client.begin(line("a"))
    drawn(batch)
    (found,) = client.lines(client.show(batch)["output_file_id"])
    stored = client.deployment.services.results.get(paths.result_picture(batch.jobs[0], 0, "png")).data
    assert len(stored) > 1_000
    assert base64.b64decode(found["response"]["body"]["data"][0]["b64_json"], validate=True) == stored


def test_edits_name_stored_files_and_carry_small_pictures(client: Client) -> None:
    file = client.upload(picture(), "vision")
    data_url = f"data:image/png;base64,{base64_of(picture(64, 64))}"
    bodies = [
        {"prompt": "night", "images": [{"file_id": file}]},
        {"prompt": "night", "images": [{"image_url": data_url}]},
        {"prompt": "night", "images": [{"image_url": "https://example.com/boat.png"}]},
        {"prompt": "night", "images": [{"file_id": "file-" + "a" * 26}]},
    ]
    batch = client.begin(*(line(str(n), body, EDITS) for n, body in enumerate(bodies)), endpoint=EDITS)
    stored, sent = (client.deployment.record(job_id) for job_id in batch.jobs)
    assert ((stored.width, stored.height), stored.request.task) == ((320, 256), "edit")
    assert sent.request.task == "edit"
    drawn(batch)
    shown = client.show(batch)
    assert shown["request_counts"] == {"total": 4, "completed": 2, "failed": 2}
    errors = [entry["response"]["body"]["error"] for entry in client.lines(shown["error_file_id"])]
    assert [(error["param"], error["type"]) for error in errors] == [("image", "invalid_request_error")] * 2
    assert "not fetched" in errors[0]["message"]


def test_completions_and_responses_are_answered_in_their_shapes(client: Client) -> None:
    messages = [{"role": "user", "content": "a red boat"}]
    chat = client.begin(line("c", {"model": "mock", "messages": messages}, CHAT), endpoint=CHAT)
    drawn(chat)
    (found,) = client.lines(client.show(chat)["output_file_id"])
    completion = found["response"]["body"]
    url = completion["choices"][0]["message"]["images"][0]["image_url"]["url"]
    assert (completion["object"], completion["model"]) == ("chat.completion", "mock")
    assert base64.b64decode(url.partition("base64,")[2], validate=True).startswith(b"\x89PNG")
    tools = [{"type": "image_generation", "size": "512x512"}]
    responses = client.begin(
        line("r", {"model": "mock", "input": "a boat", "tools": tools}, RESPONSES), endpoint=RESPONSES
    )
    drawn(responses)
    (found,) = client.lines(client.show(responses)["output_file_id"])
    response = found["response"]["body"]
    assert (response["object"], response["status"]) == ("response", "completed")
    assert base64.b64decode(response["output"][0]["result"], validate=True).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("lines", "code", "number", "param"),
    [
        ([], "empty_file", None, None),
        ([b"", b"  "], "empty_file", None, None),
        ([line("a"), b"{"], "invalid_json_line", 2, None),
        ([b"[1]"], "invalid_json_line", 1, None),
        ([line("a"), line("a")], "duplicate_custom_id", 2, "custom_id"),
        ([line("a", url=EDITS)], "url_mismatch", 1, "url"),
        ([{**line("a"), "method": "GET"}], "invalid_method", 1, "method"),
        ([line("a", body=[])], "invalid_request", 1, "body"),
        (
            [{"method": "POST", "url": GENERATIONS, "body": BOAT}],
            "missing_required_parameter",
            1,
            "custom_id",
        ),
        ([line("a\nb")], "invalid_request", 1, "custom_id"),
        ([b'{"body": "' + b"x" * (4 * 2**20) + b'"}'], "invalid_json_line", 1, None),
    ],
)
def test_a_faulty_file_is_refused_whole(
    client: Client, lines: list[Any], code: str, number: int | None, param: str | None
) -> None:
    file = client.upload(jsonl(*lines) or b"\n")
    batch = Batch(client.deployment, client.create(file).json["id"]).driven()
    shown = client.show(batch)
    assert (shown["status"], shown["output_file_id"], shown["failed_at"] is not None) == (
        "failed",
        None,
        True,
    )
    (fault,) = shown["errors"]["data"]
    assert (fault["code"], fault["line"], fault["param"]) == (code, number, param)
    assert batch.jobs == []


def test_all_faults_are_listed_up_to_a_bound(client: Client) -> None:
    batch = client.begin(*[b"{"] * 3)
    assert [fault["line"] for fault in client.show(batch)["errors"]["data"]] == [1, 2, 3]
    many = client.begin(*[b"{"] * 1_000)
    assert len(client.show(many)["errors"]["data"]) == 20


def test_a_file_of_too_many_lines_is_refused_whole(client: Client) -> None:
    batch = client.begin(*(line(str(n)) for n in range(10_001)))
    (fault,) = client.show(batch)["errors"]["data"]
    assert (fault["code"], batch.jobs) == ("too_many_tasks", [])


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"prompt": "a boat", "size": "12x12"}, 400, None, "size"),
        ({"prompt": "a boat", "colour": "red"}, 400, "unknown_parameter", "colour"),
        ({"prompt": "a boat", "stream": True}, 400, "invalid_value", "stream"),
        ({"prompt": "a boat", "model": "no-such"}, 404, "model_not_found", "model"),
        ({"prompt": "a boat", "background": "transparent"}, 400, "invalid_value", "background"),
        ({}, 400, "invalid_value", "prompt"),
    ],
)
def test_a_bad_body_fails_its_line_alone(
    client: Client, body: Any, status: int, code: str | None, param: str
) -> None:
    batch = client.begin(line("good"), line("bad", body))
    drawn(batch)
    shown = client.show(batch)
    assert (shown["status"], shown["request_counts"]) == (
        "completed",
        {"total": 2, "completed": 1, "failed": 1},
    )
    assert [entry["custom_id"] for entry in client.lines(shown["output_file_id"])] == ["good"]
    (entry,) = client.lines(shown["error_file_id"])
    error = entry["response"]["body"]["error"]
    assert (entry["custom_id"], entry["response"]["status_code"], error["param"]) == ("bad", status, param)
    assert code in (None, error["code"])


def test_a_blocked_line_says_so_in_the_error_file(client: Client) -> None:
    block = BlockFacts(categories=("violence",), policy_version="1", support_code="s")
    error = ErrorFacts(code="image_blocked", message="Not allowed.", stage="screen", block=block)
    batch = client.begin(line("a"))
    drawn(batch, error=error)
    (entry,) = client.lines(client.show(batch)["error_file_id"])
    body = entry["response"]["body"]["error"]
    assert (entry["response"]["status_code"], body["code"]) == (400, "moderation_blocked")
    assert body["moderation_details"]["categories"] == ["violence"]


def test_a_cancel_in_the_middle_keeps_what_is_drawn(client: Client) -> None:
    batch = client.begin(line("a"), line("b"))
    batch.succeed(batch.jobs[:1])
    answer = client.cancel(batch)
    assert (answer.status_code, answer.json["status"]) == (200, "cancelling")
    batch.driven()
    shown = client.show(batch)
    assert (shown["status"], shown["request_counts"]["completed"]) == ("cancelled", 1)
    assert shown["cancelled_at"] is not None
    assert [entry["custom_id"] for entry in client.lines(shown["output_file_id"])] == ["a"]
    (entry,) = client.lines(shown["error_file_id"])
    assert (entry["custom_id"], entry["response"], entry["error"]["code"]) == ("b", None, "batch_cancelled")
    assert client.cancel(batch).json["status"] == "cancelled"


def test_a_completed_batch_cannot_be_canceled(client: Client) -> None:
    batch = client.begin(line("a"))
    drawn(batch)
    refused = client.cancel(batch)
    assert (refused.status_code, refused.headers["x-should-retry"]) == (409, "false")


def test_batches_are_listed_in_pages(client: Client) -> None:
    file = client.upload(jsonl(line("a")))
    ids = [client.create(file, metadata={"n": str(n)}).json["id"] for n in range(3)]
    own = client.deployment.post({"uri": uploaded(client.deployment)}, "/v1/batches").json["id"]
    first = client.get("/v1/batches?limit=2").json
    rest = client.get(f"/v1/batches?limit=2&after={first['last_id']}").json
    assert ([len(page["data"]) for page in (first, rest)], first["has_more"], rest["has_more"]) == (
        *([2, 1], True),
        False,
    )
    assert {entry["id"] for entry in first["data"] + rest["data"]} == set(ids)
    assert client.get(f"/v1/batches/{own}").status_code == 404
    assert client.get(f"/v1/batches?after={own}").json["error"]["param"] == "after"
    assert client.get("/v1/batches?limit=101").json["error"]["param"] == "limit"


def uploaded(deployment: Deployment) -> str:
    """The address of a file of Plantain's own format."""
    deployment.upload("mine/boats.jsonl", jsonl({"task": "generate", "prompt": "a boat"}))
    return f"gs://{deployment.settings.uploads_bucket}/mine/boats.jsonl"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"endpoint": "/v1/embeddings"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"input_file_id": "file-" + "a" * 26}, "input_file_id"),
        ({"input_file_id": "../../etc"}, "input_file_id"),
        ({"metadata": {str(n): "x" for n in range(17)}}, "metadata"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"metadata": {"k" * 65: "x"}}, "metadata"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 60}}, "output_expires_after"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(client: Client, change: dict[str, Any], param: str) -> None:
    answer = client.create(client.upload(jsonl(line("a"))), **change)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, param)


def test_only_a_file_of_the_purpose_is_taken(client: Client) -> None:
    answer = client.create(client.upload(jsonl(line("a")), "user_data"))
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "input_file_id")


def test_markup_in_metadata_comes_back_as_data(client: Client) -> None:
    text = "<script>alert(1)</script>\u2028\"'&"
    made = client.create(client.upload(jsonl(line("<b>"))), metadata={"<i>": text})
    assert made.json["metadata"] == {"<i>": text}
    assert (made.mimetype, made.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")


def test_a_repeat_of_the_client_is_the_same_batch(client: Client) -> None:
    file = client.upload(jsonl(line("a")))
    repeat = Client(client.deployment, {**PYTHON, "x-stainless-retry-count": "1"})
    keyed = Client(client.deployment, {**PYTHON, "Idempotency-Key": "nightly"})
    first = client.create(file).json["id"]
    assert repeat.create(file).json["id"] == first
    assert client.create(file).json["id"] != first
    assert keyed.create(file).json["id"] == keyed.create(file).json["id"]


def test_a_function_without_the_format_leaves_the_batch_to_one_that_has_it(client: Client) -> None:
    made = client.create(client.upload(jsonl(line("a"))))
    batch = Batch(client.deployment, made.json["id"])
    with pytest.raises(Transient):
        advance_batch(client.deployment.services, batch.id)
    assert client.show(batch)["status"] == "validating"
    assert len(batch.driven().jobs) == 1


def test_lines_that_were_admitted_stay_when_the_reader_dies(client: Client) -> None:
    made = client.create(client.upload(jsonl(*(line(str(n)) for n in range(40)))))
    batch = Batch(client.deployment, made.json["id"])
    for _ in range(2):  # sixteen lines each: the first chunk of a part is always admitted
        advance_batch(client.deployment.services, batch.id, seconds=0, interfaces=BATCH_INTERFACES)
    shown = client.show(batch)
    assert (shown["status"], shown["request_counts"]["total"]) == ("in_progress", 32)
    drawn(batch.driven())
    assert client.show(batch)["request_counts"] == {"total": 40, "completed": 40, "failed": 0}
    found = client.lines(client.show(batch)["output_file_id"])
    assert [entry["custom_id"] for entry in found] == [str(n) for n in range(40)]


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\u0001", "\U0001f600"])
def test_a_long_name_in_a_line_ends_neither_the_batch_nor_the_line(client: Client, letter: str) -> None:
    name = letter * 20_000
    batch = client.begin(
        line("good"), line("bad", {**BOAT, name: 1}), line("model", {**BOAT, "model": "gpt-5" + name})
    )
    drawn(batch)
    shown = client.show(batch)
    assert (shown["status"], shown["request_counts"]["completed"]) == ("completed", 2)
    (entry,) = client.lines(shown["error_file_id"])
    assert (entry["custom_id"], entry["response"]["body"]["error"]["param"][0]) == ("bad", letter)


def test_what_a_response_repeats_is_checked(client: Client) -> None:
    body = {
        "input": "a boat",
        "tools": [{"type": "image_generation"}],
        "model": 5,
        "previous_response_id": {"a": 1},
    }
    data_url = f"data:image/png;base64,{base64_of(picture(64, 64))}"
    content = [{"type": "input_text", "text": "night"}, {"type": "input_image", "image_url": data_url}]
    edit = {**body, "model": "mock", "input": [{"role": "user", "content": content}]}
    batch = client.begin(line("a", body, RESPONSES), line("b", edit, RESPONSES), endpoint=RESPONSES)
    drawn(batch)
    shown = client.show(batch)
    assert [entry["custom_id"] for entry in client.lines(shown["error_file_id"])] == ["a"]
    (entry,) = client.lines(shown["output_file_id"])
    assert entry["response"]["body"]["previous_response_id"] is None


def test_another_owner_sees_nothing(deployment: Deployment) -> None:
    keys = {hashlib.sha256(f"{name}-key".encode()).hexdigest(): name for name in ("ada", "bob")}
    shared = deployment.replace(api_keys=keys)
    ada, bob = (Client(shared, {**PYTHON, "Authorization": f"Bearer {name}-key"}) for name in ("ada", "bob"))
    file = ada.upload(jsonl(line("a"), line("b", {})))
    batch = Batch(shared, ada.create(file).json["id"]).driven()
    drawn(batch)
    shown = ada.show(batch)
    assert bob.create(file).json["error"]["param"] == "input_file_id"
    assert bob.get("/v1/batches").json["data"] == []
    assert [bob.get(f"/v1/batches/{batch.id}").status_code, bob.cancel(batch).status_code] == [404, 404]
    for name in (shown["output_file_id"], shown["error_file_id"], file):
        answers = [bob.get(f"/v1/files/{name}"), bob.get(f"/v1/files/{name}/content")]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert len(ada.lines(shown["output_file_id"])) == 1


def test_files_of_results_are_shown_and_expire(client: Client) -> None:
    batch = client.begin(line("a"), output_expires_after={"anchor": "created_at", "seconds": 3_600})
    drawn(batch)
    shown = client.show(batch)
    file = client.get(f"/v1/files/{shown['output_file_id']}").json
    assert (file["purpose"], file["expires_at"] - file["created_at"]) == ("batch_output", 3_600)
    refused = client.deployment.client.open(
        f"/v1/files/{shown['output_file_id']}", method="DELETE", headers=PYTHON
    )
    assert (refused.status_code, batch.id in refused.json["error"]["message"]) == (400, True)
    missing = shown["output_file_id"].replace("output", "errors")
    assert client.get(f"/v1/files/{missing}").status_code == 404
    store = client.deployment.services.batch_store
    early = batch.record.created.replace(year=2020)
    store.change(batch.id, lambda record: record.model_copy(update={"ended": early}))
    assert client.get(f"/v1/files/{shown['output_file_id']}/content").status_code == 404


def test_a_picture_that_was_deleted_is_an_error_in_its_line(client: Client) -> None:
    batch = client.begin(line("a"), line("b"))
    drawn(batch)
    gone, kept = batch.jobs
    client.deployment.services.results.delete(paths.result_picture(gone, 0, "png"))
    first, second = client.lines(client.show(batch)["output_file_id"])
    assert first["response"]["status_code"] == 410
    assert "error" in first["response"]["body"]
    assert (second["custom_id"], second["response"]["status_code"]) == ("b", 200)
    assert kept != gone


def test_a_deleted_job_is_an_error_in_its_line(client: Client) -> None:
    batch = client.begin(line("a"))
    drawn(batch)
    deleted = client.deployment.client.open(f"/v1/jobs/{batch.jobs[0]}", method="DELETE")
    assert deleted.status_code < 300
    (entry,) = client.lines(client.show(batch)["output_file_id"])
    assert entry["response"]["status_code"] == 410
