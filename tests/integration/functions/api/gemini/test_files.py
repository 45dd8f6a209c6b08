"""Files as Google's clients upload, list, read and delete them, and name them in a conversation."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest
from google.genai import types

from functions.api import named_pictures
from functions.contract import ids, paths
from functions.contract.errors import NotFound
from functions.files import stored_files, upload_sessions
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, picture
from tests.killed import killed_at

KEY = {"x-goog-api-key": "k", "x-goog-api-client": "google-genai-sdk/3.6.1 gl-python/3.11.7"}
GENERATE = "/v1beta/models/mock:generateContent"


def begin(
    deployment: Deployment,
    size: int | None,
    *,
    path: str = "/upload/v1beta/files",
    key: str = "k",
    **file: Any,
) -> Answer:
    headers = {
        **KEY,
        "x-goog-api-key": key,
        "X-Goog-Upload-Protocol": "resumable",
        "X-Goog-Upload-Command": "start",
        "X-Goog-Upload-Header-Content-Type": "image/png",
    }
    if size is not None:
        headers["X-Goog-Upload-Header-Content-Length"] = str(size)
    return deployment.client.post(path, json={"file": file}, headers=headers)


@dataclass
class Upload:
    """An upload in pieces, as its sender has it: without a key."""

    deployment: Deployment
    path: str

    @classmethod
    def of(cls, deployment: Deployment, size: int | None = None, **how: Any) -> Upload:
        answer = begin(deployment, size, **how)
        assert (answer.status_code, answer.headers["x-goog-upload-status"]) == (200, "active"), answer.text
        return cls(deployment, answer.headers["x-goog-upload-url"].removeprefix("http://localhost"))

    def send(self, command: str, piece: bytes = b"", offset: int | None = None) -> Answer:
        headers = {"X-Goog-Upload-Command": command, "Content-Type": "application/json"}
        if offset is not None:
            headers["X-Goog-Upload-Offset"] = str(offset)
        return self.deployment.client.post(self.path, data=piece, headers=headers)

    def arrived(self) -> tuple[str, int]:
        headers = self.send("query").headers
        return headers["X-Goog-Upload-Status"], int(headers["X-Goog-Upload-Size-Received"])


def uploaded(deployment: Deployment, data: bytes, *, key: str = "k", **file: Any) -> dict[str, Any]:
    answer = Upload.of(deployment, len(data), key=key, **file).send("upload, finalize", data, 0)
    assert (answer.status_code, answer.headers["x-goog-upload-status"]) == (200, "final"), answer.text
    return answer.json["file"]


def call(deployment: Deployment, method: str, path: str, key: str = "k") -> Answer:
    return deployment.client.open(path, method=method, headers={**KEY, "x-goog-api-key": key})


def test_a_file_is_shown_listed_downloaded_and_deleted(deployment: Deployment) -> None:
    data = picture()
    file = uploaded(deployment, data, display_name="d", mime_type="image/png")
    found = types.File.model_validate(file)
    assert (found.display_name, found.mime_type, found.size_bytes) == ("d", "image/png", len(data))
    assert found.state == types.FileState.ACTIVE
    assert base64.b64decode(found.sha256_hash or "") == hashlib.sha256(data).digest()
    assert found.expiration_time is not None
    assert found.create_time is not None
    assert (found.expiration_time - found.create_time).total_seconds() == pytest.approx(48 * 3600, abs=60)
    for base in ("/v1beta", "/v1", "/gemini/v1beta"):
        assert call(deployment, "GET", f"{base}/{found.name}").json == file
    assert call(deployment, "GET", "/v1beta/files").json == {"files": [file]}
    content = call(deployment, "GET", f"/v1beta/{found.name}:download?alt=media")
    assert (content.data, content.headers["Content-Disposition"]) == (data, "attachment")
    assert call(deployment, "DELETE", f"/v1beta/{found.name}").json == {}
    assert call(deployment, "GET", f"/v1beta/{found.name}").status_code == 404
    assert call(deployment, "GET", "/v1beta/files").json == {"files": []}


def test_both_interfaces_show_the_same_files(deployment: Deployment) -> None:
    name = uploaded(deployment, b"{}\n", display_name="lines", mime_type="text/plain")["name"]
    openai = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
    [seen] = deployment.client.get("/v1/files", headers=openai).json["data"]
    assert (seen["id"], seen["filename"], seen["bytes"]) == (f"file-{name[6:]}", "lines", 3)


@pytest.mark.parametrize(
    ("data", "said", "shown"),
    [
        (picture(format="JPEG"), "image/png", "image/jpeg"),
        (picture(format="WEBP"), "application/pdf", "image/webp"),
        (b"not a picture", "image/png", "application/octet-stream"),
        (b"{}", "application/jsonl", "application/jsonl"),
    ],
)
def test_the_bytes_decide_about_the_type(deployment: Deployment, data: bytes, said: str, shown: str) -> None:
    assert uploaded(deployment, data, mimeType=said)["mimeType"] == shown


@pytest.mark.parametrize("prefix", ["", "/gemini", "/v1beta", "/v1beta1"])
@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_uploads_are_taken_under_every_prefix(deployment: Deployment, prefix: str, version: str) -> None:
    upload = Upload.of(deployment, path=f"{prefix}/upload/{version}/files")
    assert upload.send("upload, finalize", b"x", 0).json["file"]["sizeBytes"] == "1"


def test_pieces_arrive_one_after_the_other_on_any_instance(deployment: Deployment) -> None:
    pieces = [bytes([n]) * 300_000 for n in range(3)]
    upload = Upload.of(deployment, 900_000)
    for n, piece in enumerate(pieces[:2]):
        answer = upload.send("upload", piece, n * 300_000)
        assert (answer.json, answer.headers["x-goog-upload-status"]) == ({}, "active")
        assert upload.arrived() == ("active", (n + 1) * 300_000)
    another_instance = Upload(deployment.replace(), upload.path)
    file = another_instance.send("upload, finalize", pieces[2], 600_000).json["file"]
    whole = b"".join(pieces)
    assert call(deployment, "GET", f"/v1beta/{file['name']}:download").data == whole
    assert base64.b64decode(file["sha256Hash"]) == hashlib.sha256(whole).digest()
    sessions = [name for name in deployment.objects() if paths.UPLOAD_SESSIONS in name]
    assert len(sessions) == 1  # the final one, so that a repeat gets the same answer


def test_repeats_of_a_piece_and_of_the_end_have_no_effect(deployment: Deployment) -> None:
    upload = Upload.of(deployment)
    for _ in range(2):
        assert upload.send("upload", b"first", 0).headers["x-goog-upload-status"] == "active"
    assert upload.arrived() == ("active", 5)
    first = upload.send("upload, finalize", b" and second", 5)
    again = upload.send("upload, finalize", b" and second", 5)
    assert first.json == again.json
    assert first.json["file"]["sizeBytes"] == "16"
    assert upload.arrived() == ("final", 16)
    assert len(call(deployment, "GET", "/v1beta/files").json["files"]) == 1


def test_an_upload_is_resumed_where_it_broke(deployment: Deployment) -> None:
    upload = Upload.of(deployment, 10)
    with killed_at(deployment.services.uploads.__class__, "compose"):
        upload.send("upload", b"12345", 0)
        upload.send("upload", b"6789", 5)
    assert upload.arrived() == ("active", 5)
    with killed_at(upload_sessions, "_write"):
        upload.send("upload, finalize", b"67890", 5)
    answer = upload.send("upload, finalize", b"67890", 5)
    assert answer.json["file"]["sizeBytes"] == "10"
    name = answer.json["file"]["name"]
    assert call(deployment, "GET", f"/v1beta/{name}:download").data == b"1234567890"
    assert len(call(deployment, "GET", "/v1beta/files").json["files"]) == 1


@pytest.mark.parametrize("offset", [0, 4, 6, 10**12])
def test_a_wrong_offset_is_told_with_what_has_arrived(deployment: Deployment, offset: int) -> None:
    upload = Upload.of(deployment)
    upload.send("upload", b"12345", 0)
    answer = upload.send("upload", b"xyz", offset)
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert answer.headers["X-Goog-Upload-Size-Received"] == "5"
    assert "x-goog-upload-status" not in answer.headers
    assert upload.arrived() == ("active", 5)


@pytest.mark.parametrize(
    ("announced", "sent"), [(10, b"12345"), (3, b"12345"), (None, b"")], ids=["fewer", "more", "empty"]
)
def test_another_size_than_announced_ends_the_upload(
    deployment: Deployment, announced: int | None, sent: bytes
) -> None:
    answer = Upload.of(deployment, announced).send("upload, finalize", sent, 0)
    assert (answer.status_code, answer.headers["x-goog-upload-status"]) == (400, "final")
    assert call(deployment, "GET", "/v1beta/files").json == {"files": []}


def test_a_file_that_is_too_large_is_refused_at_the_start_and_while_it_grows(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = begin(deployment, stored_files.MAX_FILE + 1)
    assert (refused.status_code, refused.json["error"]["code"]) == (400, 400)
    monkeypatch.setattr(upload_sessions, "MAX_FILE", 6)
    upload = Upload.of(deployment)
    upload.send("upload", b"12345", 0)
    answer = upload.send("upload", b"67", 5)
    assert (answer.status_code, answer.headers["x-goog-upload-status"]) == (400, "final")


@pytest.mark.parametrize("command", ["", "start", "upload, query", "finalise"])
def test_an_unknown_command_is_refused(deployment: Deployment, command: str) -> None:
    answer = Upload.of(deployment).send(command, b"x", 0)
    assert answer.status_code == 400
    assert "X-Goog-Upload-Command" in answer.text


def test_an_upload_is_given_up(deployment: Deployment) -> None:
    upload = Upload.of(deployment)
    upload.send("upload", b"12345", 0)
    assert upload.send("cancel").headers["x-goog-upload-status"] == "cancelled"
    assert upload.send("query").status_code == 404
    assert not any(paths.UPLOAD_SESSIONS in name for name in deployment.objects())


@pytest.mark.parametrize("secret", ["x", "a" * 32, "../" * 11, "%00" * 4])
def test_an_address_without_its_secret_is_none(deployment: Deployment, secret: str) -> None:
    answer = Upload(deployment, f"/upload/v1beta/files/{secret}").send("query")
    assert answer.status_code == 404
    assert answer.json["error"]["status"] == "NOT_FOUND"


def test_the_secret_is_in_no_objects_name(deployment: Deployment) -> None:
    upload = Upload.of(deployment)
    secret = upload.path.rpartition("/")[2]
    assert len(secret) == 32
    assert not any(secret in name for name in deployment.objects())


def related(boundary: str, *parts: tuple[str, bytes]) -> bytes:
    heads = [f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode() + data for kind, data in parts]
    return b"\r\n".join([*heads, f"--{boundary}--\r\n".encode()])


def test_a_file_is_taken_with_its_description_in_one_request(deployment: Deployment) -> None:
    data = picture() + b"\r\n--b"
    described = json.dumps({"file": {"displayName": "d", "mimeType": "image/png"}}).encode()
    body = related("b1", ("application/json; charset=utf-8", described), ("image/png", data))
    headers = {**KEY, "X-Goog-Upload-Protocol": "multipart", "Content-Type": "multipart/related; boundary=b1"}
    answer = deployment.client.post("/upload/v1beta/files", data=body, headers=headers)
    assert (answer.json["file"]["displayName"], answer.json["file"]["sizeBytes"]) == ("d", str(len(data)))
    del headers["X-Goog-Upload-Protocol"]
    older = deployment.client.post("/upload/v1beta/files?uploadType=multipart", data=body, headers=headers)
    assert older.json["file"]["sha256Hash"] == answer.json["file"]["sha256Hash"]


@pytest.mark.parametrize("body", [b"", b"--b\r\n\r\n{}\r\n--b--", related("b", ("a/b", b"{}"))[:-8]])
def test_a_malformed_description_is_refused(deployment: Deployment, body: bytes) -> None:
    headers = {**KEY, "X-Goog-Upload-Protocol": "multipart", "Content-Type": "multipart/related; boundary=b"}
    answer = deployment.client.post("/upload/v1beta/files", data=body, headers=headers)
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_file_alone_is_taken(deployment: Deployment) -> None:
    headers = {**KEY, "X-Goog-Upload-Protocol": "raw", "X-Goog-Upload-File-Name": "a.txt"}
    answer = deployment.client.post(
        "/upload/v1beta/files", data=b"words", headers={**headers, "Content-Type": "text/plain"}
    )
    file = answer.json["file"]
    assert (file["displayName"], file["mimeType"], file["sizeBytes"]) == ("a.txt", "text/plain", "5")


def test_a_given_name_leads_to_its_file_and_is_taken_once(deployment: Deployment) -> None:
    file = uploaded(deployment, b"one", name="files/my-lines")
    assert file["name"] == "files/my-lines"
    assert call(deployment, "GET", "/v1beta/files/my-lines").json == file
    answer = Upload.of(deployment, name="my-lines").send("upload, finalize", b"two", 0)
    assert (answer.status_code, answer.headers["x-goog-upload-status"]) == (409, "final")
    assert call(deployment, "DELETE", "/v1beta/files/my-lines").status_code == 200
    assert uploaded(deployment, b"two", name="my-lines")["sizeBytes"] == "3"


@pytest.mark.parametrize("name", ["My", "-a", "a" * 41, "a/b", "files/", "a" * 26])
def test_a_name_that_no_file_can_have_is_refused(deployment: Deployment, name: str) -> None:
    answer = begin(deployment, 1, name=name)
    assert answer.status_code == 400
    assert answer.json["error"]["details"][1]["fieldViolations"][0]["field"] == "file.name"


def test_a_listing_goes_on_where_files_were_deleted(deployment: Deployment) -> None:
    names = {uploaded(deployment, bytes([n + 1]))["name"] for n in range(5)}
    seen: list[str] = []
    query = "pageSize=2"
    while query:
        page = call(deployment, "GET", f"/v1beta/files?{query}").json
        for file in page["files"]:
            seen.append(file["name"])
            call(deployment, "DELETE", f"/v1beta/{file['name']}")
        query = f"pageSize=2&pageToken={page['nextPageToken']}" if "nextPageToken" in page else ""
    assert (len(seen), set(seen)) == (5, names)


@pytest.mark.parametrize("query", ["pageSize=0", "pageSize=x", "pageToken=x", "pageToken=%C3%A9"])
def test_a_page_that_is_none_is_refused(deployment: Deployment, query: str) -> None:
    assert call(deployment, "GET", f"/v1beta/files?{query}").status_code == 400


def shared_by_two(deployment: Deployment) -> Deployment:
    keys = {hashlib.sha256(owner.encode()).hexdigest(): owner for owner in ("ada", "bob")}
    return deployment.replace(api_keys=keys)


def test_pieces_need_no_key_and_everything_else_does(deployment: Deployment) -> None:
    shared = shared_by_two(deployment)
    assert "API_KEY_INVALID" in begin(shared, 1, key="nobody").text
    file = uploaded(shared, b"x", key="ada")
    for method, path in (("GET", "/v1beta/files"), ("GET", f"/v1beta/{file['name']}")):
        assert "API_KEY_INVALID" in call(shared, method, path, key="nobody").text


def test_another_owners_file_is_not_found(deployment: Deployment) -> None:
    shared = shared_by_two(deployment)
    file = uploaded(shared, picture(), key="ada", name="of-ada")
    assert uploaded(shared, b"x", key="bob", name="of-ada")["sizeBytes"] == "1"
    call(shared, "DELETE", "/v1beta/files/of-ada", key="bob")
    for method, path in (
        ("GET", "/v1beta/files/of-ada"),
        ("GET", "/v1beta/files/of-ada:download?alt=media"),
        ("DELETE", "/v1beta/files/of-ada"),
    ):
        assert call(shared, method, path, key="bob").status_code == 404
    assert call(shared, "GET", "/v1beta/files", key="bob").json == {"files": []}
    parts = [{"fileData": {"fileUri": file["uri"]}}, {"text": "make it blue"}]
    answer = shared.client.post(
        GENERATE, json={"contents": [{"parts": parts}]}, headers={**KEY, "x-goog-api-key": "bob"}
    )
    assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    with pytest.raises(NotFound):
        stored_files.find_file(shared.services, "bob", ids.upload_id_for_name("ada", "of-ada"))


@pytest.mark.parametrize("written", ["uri", "name"])
def test_an_uploaded_picture_is_edited(deployment: Deployment, written: str) -> None:
    file = uploaded(deployment, picture(320, 256))
    parts = [{"fileData": {"file_uri": file[written], "mime_type": "image/png"}}, {"text": "make it blue"}]
    with painting(deployment) as painter:
        answer = deployment.client.post(GENERATE, json={"contents": [{"parts": parts}]}, headers=KEY)
    assert answer.status_code == 200, answer.text
    [record] = painter.drawn
    assert (record.request.task, record.width, record.height) == ("edit", 320, 256)
    deployment.client.open(f"/v1/jobs/{record.id}", method="DELETE")
    assert call(deployment, "GET", f"/v1beta/{file['name']}").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["http://h/v1beta/files/aaaaaaaaaaaaaaaaaaaaaaaaaa", "ftp://h/x", "http://127.0.0.1/x.png", "x"],
)
def test_an_address_of_no_picture_is_refused(deployment: Deployment, address: str) -> None:
    parts = [{"fileData": {"fileUri": address}}, {"text": "make it blue"}]
    answer = deployment.client.post(GENERATE, json={"contents": [{"parts": parts}]}, headers=KEY)
    assert answer.status_code == 400
    assert "fileUri" in answer.text


def test_files_that_are_too_large_together_are_refused_before_they_are_read(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = picture(320, 256)
    file = uploaded(deployment, data)
    monkeypatch.setattr(named_pictures, "_MOST_FETCHED", len(data) + 1)
    parts = [{"fileData": {"fileUri": file["uri"]}}, {"fileData": {"fileUri": file["uri"]}}, {"text": "blue"}]
    answer = deployment.client.post(GENERATE, json={"contents": [{"parts": parts}]}, headers=KEY)
    assert (answer.status_code, "together" in answer.text) == (400, True)
