"""Files as OpenAI's clients send, list, read and delete them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from functions.contract import ids, paths
from functions.contract.errors import NotFound
from functions.files.stored_files import FileLabels, find_file, list_files, store_file
from tests.integration.functions.deployment import Answer, Deployment, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
LINES = b'{"custom_id": "a"}\n'


def sent(deployment: Deployment, data: bytes = LINES, fields: Mapping[str, str] | None = None) -> Answer:
    form = {"purpose": "batch", **(fields or {}), "file": (BytesIO(data), "lines.jsonl")}
    return deployment.client.post("/v1/files", data=form, headers=PYTHON)


def test_a_file_is_shown_listed_read_and_deleted(deployment: Deployment) -> None:
    made = sent(deployment)
    assert made.status_code == 200
    assert made.json["id"].startswith("file-")
    facts = {"object": "file", "bytes": len(LINES), "filename": "lines.jsonl", "purpose": "batch"}
    assert facts.items() <= made.json.items()
    assert made.json["expires_at"] - made.json["created_at"] == pytest.approx(48 * 3600, abs=60)
    path = f"/v1/files/{made.json['id']}"
    assert deployment.client.get(path, headers=PYTHON).json == made.json
    assert deployment.client.get("/v1/files", headers=PYTHON).json["data"] == [made.json]
    content = deployment.client.get(f"{path}/content", headers=PYTHON)
    assert (content.data, content.headers["Content-Disposition"]) == (LINES, "attachment")
    gone = deployment.client.open(path, method="DELETE", headers=PYTHON)
    assert gone.json == {"id": made.json["id"], "object": "file", "deleted": True}
    assert deployment.client.get(path, headers=PYTHON).status_code == 404
    assert deployment.client.get("/v1/files", headers=PYTHON).json["data"] == []


def test_a_listing_has_pages_and_purposes(deployment: Deployment) -> None:
    ids = [
        sent(deployment, fields={"purpose": purpose}).json["id"] for purpose in ("batch", "vision", "batch")
    ]

    def listed(query: str) -> Any:
        return deployment.client.get(f"/v1/files?{query}", headers=PYTHON).json

    everything = [entry["id"] for entry in listed("")["data"]]
    assert sorted(everything) == sorted(ids)
    first = listed("limit=2")
    assert ([entry["id"] for entry in first["data"]], first["has_more"]) == (everything[:2], True)
    rest = listed(f"after={first['last_id']}")
    assert ([entry["id"] for entry in rest["data"]], rest["has_more"]) == (everything[2:], False)
    assert [entry["id"] for entry in listed("order=asc")["data"]] == everything[::-1]
    assert [entry["id"] for entry in listed("purpose=vision")["data"]] == [ids[1]]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"purpose": "fine-tune"}, "purpose"),
        ({"colour": "red"}, "colour"),
        ({"expires_after[seconds]": "60"}, "expires_after"),
        ({"expires_after[anchor]": "last_active_at"}, "expires_after"),
    ],
)
def test_a_wrong_field_is_named(deployment: Deployment, fields: dict[str, str], param: str) -> None:
    answer = sent(deployment, fields=fields)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, param)


def test_an_empty_or_missing_file_is_refused(deployment: Deployment) -> None:
    missing = deployment.client.post(
        "/v1/files", data={"purpose": "batch"}, headers=PYTHON, content_type="multipart/form-data"
    )
    for answer in (sent(deployment, b""), missing):
        assert (answer.status_code, answer.json["error"]["param"]) == (400, "file")


def test_a_shorter_life_can_be_asked_for(deployment: Deployment) -> None:
    life = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    made = sent(deployment, fields=life).json
    assert made["expires_at"] - made["created_at"] == pytest.approx(3600, abs=60)


def test_another_owners_file_is_not_found(deployment: Deployment) -> None:
    keys = {hashlib.sha256(owner.encode()).hexdigest(): owner for owner in ("ada", "bob")}
    shared = deployment.replace(api_keys=keys)
    ada, bob = ({**PYTHON, "Authorization": f"Bearer {name}"} for name in ("ada", "bob"))
    form = {"purpose": "batch", "file": (BytesIO(LINES), "lines.jsonl")}
    made = shared.client.post("/v1/files", data=form, headers=ada).json
    path = f"/v1/files/{made['id']}"
    for method, address in (("GET", path), ("GET", f"{path}/content"), ("DELETE", path)):
        assert shared.client.open(address, method=method, headers=bob).status_code == 404
    assert shared.client.get("/v1/files", headers=bob).json["data"] == []
    assert shared.client.get(path, headers=ada).status_code == 200


@pytest.mark.parametrize("name", ["file-", "file-../x", "up_" + "a" * 26, "file-" + "a" * 26, "x" * 2_000])
def test_a_name_of_no_file_is_not_found(deployment: Deployment, name: str) -> None:
    answer = deployment.client.get(f"/v1/files/{name}", headers=PYTHON)
    assert answer.status_code == 404
    assert answer.json["error"]["message"]


def test_an_expired_file_is_removed_when_it_is_asked_for(deployment: Deployment) -> None:
    services = deployment.services
    old = store_file(services, "ada", LINES, FileLabels(), timedelta(seconds=-1))
    assert list_files(services, "ada") == []
    with pytest.raises(NotFound):
        find_file(services, "ada", old.id)
    with pytest.raises(NotFound):
        services.uploads.stat(paths.uploaded_picture("ada", old.id))


def test_a_picture_uploaded_for_one_request_is_no_file(deployment: Deployment) -> None:
    upload = ids.new_upload_id()
    deployment.services.uploads.put(paths.uploaded_picture("ada", upload), b"x")
    assert list_files(deployment.services, "ada") == []
    with pytest.raises(NotFound):
        find_file(deployment.services, "ada", upload)


def test_a_file_id_names_the_picture_of_an_edit(deployment: Deployment) -> None:
    made = sent(deployment, picture(), {"purpose": "vision"}).json
    body = {"prompt": "blue", "images": [{"file_id": made["id"]}]}
    headers = {**PYTHON, "x-stainless-read-timeout": "1"}
    answer = deployment.client.post("/v1/images/edits", json=body, headers=headers)
    assert answer.status_code == 504, answer.json  # the job waits for a worker, which is not there
    [record] = [deployment.services.store.read(answer.headers["X-Plantain-Job"]).record]
    assert (record.request.task, len(record.request.images)) == ("edit", 1)
