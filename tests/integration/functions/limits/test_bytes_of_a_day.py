"""What counts to an owner's bytes a day: everything that is sent, once, in whichever way it comes."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from functions.contract import paths
from functions.contract.document import now
from functions.contract.errors import LimitReached, NotFound, Transient
from functions.contract.owner_limits import OwnerLimits
from functions.intake.stored_inputs import StoredInputs
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PICTURE = picture(512, 512)
SIZE = len(PICTURE)
EDIT = {"task": "edit", "prompt": "snow", "images": [{"data": base64_of(PICTURE)}]}
OPENAI = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k", "Prefer": "wait=0"}
GOOGLE = {"x-goog-api-key": "k", "X-Server-Timeout": "0"}


@pytest.fixture
def limited(deployment: Deployment) -> Deployment:
    return with_limit(deployment, 10**9)


def with_limit(deployment: Deployment, limit: int) -> Deployment:
    return deployment.replace(limits={"*": OwnerLimits(bytes_per_day=limit)})


def counted(deployment: Deployment) -> int:
    try:
        found = deployment.services.jobs.get(paths.bytes_of_day("local", now()))
    except NotFound:
        return 0
    return int(json.loads(found.data)["bytes"])


def edit_by_form(deployment: Deployment, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"prompt": "snow", "image": (BytesIO(PICTURE), "boat.png")}
    return deployment.client.post("/v1/images/edits", data=form, headers={**OPENAI, **named})


def send_file(deployment: Deployment, data: bytes = PICTURE, purpose: str = "vision") -> Answer:
    form = {"purpose": purpose, "file": (BytesIO(data), "boat.png")}
    return deployment.client.post("/v1/files", data=form, headers=OPENAI)


# The pictures of requests. -----------------------------------------------------------------------------


def test_a_form_s_picture_counts_once_however_often_its_client_repeats_it(limited: Deployment) -> None:
    first = edit_by_form(limited)
    again = [edit_by_form(limited, x_stainless_retry_count=str(n)) for n in (1, 2)]
    assert {answer.headers["X-Plantain-Job"] for answer in (first, *again)} == {
        first.headers["X-Plantain-Job"]
    }
    assert counted(limited) == SIZE


@pytest.mark.parametrize("has_key", [True, False])
def test_a_repeat_after_a_failure_of_the_storage_counts_once(
    limited: Deployment, monkeypatch: pytest.MonkeyPatch, has_key: bool
) -> None:
    key = {"Idempotency_Key": "order-1"} if has_key else {}

    def fail(*_: object) -> None:
        raise Transient

    with monkeypatch.context() as failing:
        failing.setattr(StoredInputs, "store", fail)
        assert edit_by_form(limited, **key).status_code == 503
    assert counted(limited) == SIZE
    assert edit_by_form(limited, **key, x_stainless_retry_count="1").status_code == 504
    assert counted(limited) == SIZE


def test_an_upload_that_starts_a_job_counts_once_however_often_its_event_comes(limited: Deployment) -> None:
    event = limited.upload("boat.png", PICTURE, {"plantain-prompt": "snow"})
    for _ in range(3):
        on_upload(limited.services, event)
    assert counted(limited) == SIZE


# Stored files. -----------------------------------------------------------------------------------------


def test_a_file_counts_as_it_is_stored_and_not_where_it_is_used(limited: Deployment) -> None:
    file = send_file(limited).json["id"]
    assert counted(limited) == SIZE
    body = {"prompt": "snow", "images": [{"file_id": file}]}
    used = limited.client.post("/v1/images/edits", json=body, headers=OPENAI)
    assert used.headers["X-Plantain-Job"]
    assert counted(limited) == SIZE


def test_what_is_over_the_limit_is_refused_and_not_stored(deployment: Deployment) -> None:
    few = with_limit(deployment, SIZE)
    assert send_file(few).status_code == 200
    before = few.objects()
    refused = send_file(few)
    assert (refused.status_code, refused.json["error"]["code"]) == (429, "rate_limit_exceeded")
    assert few.objects() == before


def test_the_metadata_of_an_upload_do_not_lift_the_limit(limited: Deployment) -> None:
    marked = {paths.COUNTED: "yes", "plantain-prompt": "snow"}
    on_upload(limited.services, limited.upload("boat.png", PICTURE, marked))
    assert counted(limited) == SIZE


def test_the_pieces_of_a_file_count_as_they_come_and_a_repeated_one_once(limited: Deployment) -> None:
    begun = limited.client.post(
        "/upload/v1beta/files",
        json={"file": {}},
        headers={**GOOGLE, "X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start"},
    )
    address = begun.headers["X-Goog-Upload-URL"].removeprefix("http://localhost")

    def send(command: str, offset: int, piece: bytes) -> Answer:
        headers = {"X-Goog-Upload-Command": command, "X-Goog-Upload-Offset": str(offset)}
        return limited.client.post(address, data=piece, headers=headers)

    half = SIZE // 2
    for _ in range(2):
        assert send("upload", 0, PICTURE[:half]).status_code == 200
        assert counted(limited) == half
    file = send("upload, finalize", half, PICTURE[half:]).json["file"]
    assert send("upload, finalize", half, PICTURE[half:]).json["file"] == file
    assert counted(limited) == SIZE
    parts = [{"text": "snow"}, {"fileData": {"fileUri": file["uri"], "mimeType": "image/png"}}]
    body = {"contents": [{"parts": parts}]}
    used = limited.client.post("/v1beta/models/mock:generateContent", json=body, headers=GOOGLE)
    assert used.headers["X-Plantain-Job"]
    assert counted(limited) == SIZE


# Files of batches. -------------------------------------------------------------------------------------


def test_a_batch_s_file_counts_once_and_the_pictures_in_it_not_again(limited: Deployment) -> None:
    lines = jsonl(BOAT, EDIT)
    event = limited.upload("boats.jsonl", lines)
    for _ in range(2):
        on_upload(limited.services, event)
    assert not Batch.of(limited, "boats.jsonl").driven().refused()
    assert counted(limited) == len(lines)


def test_a_picture_that_a_line_names_counts(limited: Deployment) -> None:
    limited.upload("mine/boat.png", PICTURE)
    mine = limited.replace(uploads_owners={"mine/": "local"})
    named = {**EDIT, "images": [{"uri": f"gs://{mine.settings.uploads_bucket}/mine/boat.png"}]}
    lines = jsonl(named)
    assert not Batch.upload(mine, lines).refused()
    assert counted(mine) == len(lines) + SIZE


def test_a_batch_of_a_stored_file_takes_no_more(limited: Deployment) -> None:
    body = {"prompt": "a boat", "model": "mock"}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/images/generations", "body": body}
    lines = jsonl(line)
    file = send_file(limited, lines, "batch").json["id"]
    asked = {"input_file_id": file, "endpoint": "/v1/images/generations", "completion_window": "24h"}
    assert limited.client.post("/v1/batches", json=asked, headers=OPENAI).status_code == 200
    assert counted(limited) == len(lines)


def test_a_batch_of_an_upload_takes_it_once_with_every_repeat(limited: Deployment) -> None:
    place = limited.post({"content_type": "application/jsonl"}, "/v1/uploads").json
    lines = jsonl(BOAT)
    limited.upload(paths.uploaded_picture("local", place["upload"]), lines)
    for _ in range(2):
        made = limited.post({"upload": place["upload"]}, "/v1/batches", Idempotency_Key="night-1")
        assert made.status_code == 202
    assert counted(limited) == len(lines)


def test_of_a_batch_that_is_over_the_limit_nothing_stays(deployment: Deployment) -> None:
    few = with_limit(deployment, 10)
    requests = [{"request": {"contents": [{"parts": [{"text": "a boat"}]}]}}]
    body: dict[str, Any] = {"batch": {"inputConfig": {"requests": {"requests": requests}}}}
    refused = few.client.post("/v1beta/models/mock:batchGenerateContent", json=body, headers=GOOGLE)
    assert (refused.status_code, refused.json["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert not [name for name in few.objects() if "/api/" in name or "batches/" in name]
    with pytest.raises(LimitReached):
        on_upload(few.services, few.upload("boats.jsonl", jsonl(BOAT)))
