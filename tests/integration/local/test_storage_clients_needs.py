"""What clients other than Google's Python library ask of the embedded Cloud Storage."""

from __future__ import annotations

import gzip
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.storage import transfer_manager

from tests.integration.local.storage_servers import Embedded, embedded

PAGE = "https://studio.example"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def storage(directory: Path) -> Generator[Embedded]:
    with embedded(directory) as running:
        yield running


@pytest.fixture
def bucket(storage: Embedded) -> Any:
    return storage.bucket()


@pytest.mark.parametrize("upload_type", ["media", "multipart", "resumable"])
def test_a_missing_bucket_is_not_found(storage: Embedded, upload_type: str) -> None:
    assert storage.http.get("/storage/v1/b/no-bucket/o").status_code == 404
    assert storage.http.get("/storage/v1/b/no-bucket/o?versions=true&prefix=a").status_code == 404
    address = f"/upload/storage/v1/b/no-bucket/o?uploadType={upload_type}&name=a"
    assert storage.http.post(address, content=b"{}").status_code == 404
    assert storage.http.put("/no-bucket/a", content=b"x").status_code == 404
    assert storage.http.post("/no-bucket/a?uploads").status_code == 404


def test_a_bucket_has_a_storage_layout(storage: Embedded, bucket: Any) -> None:
    layout = storage.http.get(f"/storage/v1/b/{bucket.name}/storageLayout").json()
    assert (layout["bucket"], layout["location"]) == (bucket.name, "US")
    assert "hierarchicalNamespace" not in layout


def test_a_bucket_has_no_managed_folders(storage: Embedded, bucket: Any) -> None:
    """gcloud asks for them at the end of a recursive removal."""
    address = f"/storage/v1/b/{bucket.name}/managedFolders"
    assert "items" not in storage.http.get(f"{address}?pageSize=10").json()
    assert storage.http.post(address, json={"name": "a/"}).status_code == 405


def test_addresses_may_lack_their_beginning(storage: Embedded, bucket: Any) -> None:
    """As Node's client writes them where it finds the emulator in its environment."""
    assert storage.http.get(f"/b/{bucket.name}").json()["name"] == bucket.name
    assert storage.http.get("/b?project=p").json()["kind"] == "storage#buckets"
    assert storage.http.get("/b/no-such-bucket/o").json()["error"]["code"] == 404


@pytest.mark.parametrize(
    "address", ["/storage/v1/b/", "/storage/v1/b/{}/", "/storage/v1/b/{}/o/", "//storage/v1/b/{}"]
)
def test_addresses_may_have_a_slash_too_many(storage: Embedded, bucket: Any, address: str) -> None:
    assert storage.http.get(storage.url + address.format(bucket.name)).status_code == 200


GLOBS = {
    "*.txt": {"a.txt", "b.txt"},
    "**.txt": {"a.txt", "b.txt", "d/a.txt", "d/e/c.txt"},
    "**/*.txt": {"d/a.txt", "d/e/c.txt"},
    "d/*": {"d/a.txt"},
    "?.txt": {"a.txt", "b.txt"},
    "[!a].txt": {"b.txt"},
    "[a-b].txt": {"a.txt", "b.txt"},
    "{a,d/{a,x}}.txt": {"a.txt", "d/a.txt"},
    "d?a.txt": set[str](),
    "a": set[str](),
}


@pytest.fixture(scope="module")
def tree(storage: Embedded) -> Any:
    bucket = storage.bucket()
    for name in ("a.txt", "b.txt", "c.bin", "d/a.txt", "d/e/c.txt"):
        bucket.blob(name).upload_from_string(b"")
    return bucket


@pytest.mark.parametrize("glob", GLOBS)
def test_names_are_found_by_a_glob(tree: Any, glob: str) -> None:
    assert {blob.name for blob in tree.list_blobs(match_glob=glob, page_size=1)} == GLOBS[glob]


def test_a_glob_is_matched_in_one_pass(tree: Any) -> None:
    tree.blob("a" * 1000).upload_from_string(b"")
    assert not list(tree.list_blobs(match_glob="*a" * 200 + "b"))


def test_a_trailing_delimiter_is_shown_where_it_is_asked_for(storage: Embedded, bucket: Any) -> None:
    for name in ("folder/", "folder/a"):
        bucket.blob(name).upload_from_string(b"")
    plain = bucket.list_blobs(delimiter="/")
    assert ([each.name for each in plain], plain.prefixes) == ([], {"folder/"})
    shown = bucket.list_blobs(delimiter="/", include_trailing_delimiter=True)
    assert ([each.name for each in shown], shown.prefixes) == (["folder/"], {"folder/"})


@pytest.mark.parametrize("size", [10, 300_000])
def test_an_object_can_be_moved(storage: Embedded, bucket: Any, size: int) -> None:
    data = os.urandom(size)
    source = bucket.blob("from/a")
    source.metadata = {"kept": "yes"}
    source.upload_from_string(data, content_type="image/png")
    moved = bucket.move_blob(source, "to/b")
    assert bucket.get_blob("from/a") is None
    read = bucket.get_blob("to/b")
    assert (read.download_as_bytes(), read.metadata, read.content_type) == (
        data,
        {"kept": "yes"},
        "image/png",
    )
    assert moved.generation == read.generation
    told = storage.told(bucket)
    assert told[1:] == [("OBJECT_FINALIZE", "to/b"), ("OBJECT_DELETE", "from/a")]


def test_a_move_keeps_its_preconditions(storage: Embedded, bucket: Any) -> None:
    for name in ("a", "b"):
        bucket.blob(name).upload_from_string(b"data")
    address = f"/storage/v1/b/{bucket.name}/o/a/moveTo/o/b"
    assert storage.http.post(f"{address}?ifGenerationMatch=0").status_code == 412
    assert storage.http.post(f"{address}?ifSourceGenerationMatch=1").status_code == 412
    assert {each.name for each in bucket.list_blobs()} == {"a", "b"}


def test_a_composition_has_its_first_source_s_type(storage: Embedded, bucket: Any) -> None:
    for name, type_ in (("a", "text/csv"), ("b", "text/plain")):
        bucket.blob(name).upload_from_string(b"data", content_type=type_)
    sources = {"sourceObjects": [{"name": "a"}, {"name": "b"}]}
    address = f"/storage/v1/b/{bucket.name}/o/joined/compose"
    assert storage.http.post(address, json=sources).json()["contentType"] == "text/csv"


@pytest.mark.parametrize("size", [100, 3_000_000])
@pytest.mark.parametrize("api", ["/storage/v1/b/{}/o/object?alt=media", "/{}/object"])
def test_gzip_is_unpacked_for_clients_that_cannot(
    storage: Embedded, bucket: Any, size: int, api: str
) -> None:
    data = os.urandom(size // 2) + b"x" * (size // 2)
    blob = bucket.blob("object")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(data[:50]) + gzip.compress(data[50:]))
    address = api.format(bucket.name)
    plain = storage.http.get(address, headers={"accept-encoding": "identity"})
    assert plain.content == data
    assert "content-encoding" not in plain.headers
    assert plain.headers["x-goog-stored-content-encoding"] == "gzip"
    packed = storage.http.get(address, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    refused = storage.http.get(address, headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def test_the_head_of_what_is_unpacked_names_no_length(storage: Embedded, bucket: Any) -> None:
    """It is not known before the object has been read; 0 would be a wrong one."""
    blob = bucket.blob("object")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(b"data"))
    answer = storage.http.head(f"/{bucket.name}/object", headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.headers.get("content-length")) == (200, None)


def test_gzip_that_must_not_be_transformed_is_not(storage: Embedded, bucket: Any) -> None:
    blob = bucket.blob("object")
    blob.content_encoding, blob.cache_control = "gzip", "no-transform"
    blob.upload_from_string(gzip.compress(b"data"))
    answer = storage.http.get(f"/{bucket.name}/object", headers={"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"


def test_a_file_cut_short_is_an_error(storage: Embedded, bucket: Any, directory: Path) -> None:
    for name in ("short", "gone"):
        bucket.blob(name).upload_from_string(os.urandom(300_000))
        path = directory / "objects" / f"{bucket.get_blob(name).generation:x}"
        path.unlink() if name == "gone" else os.truncate(path, 1000)
        answer = storage.http.get(f"/storage/v1/b/{bucket.name}/o/{name}?alt=media")
        assert (answer.status_code, "not all there" in answer.text) == (500, True)
        sources = {"sourceObjects": [{"name": name}]}
        address = f"/storage/v1/b/{bucket.name}/o/joined/compose"
        assert storage.http.post(address, json=sources).status_code == 500


def test_parts_become_an_object(storage: Embedded, bucket: Any, tmp_path: Path) -> None:
    data = os.urandom(12 * MIB + 5)
    (tmp_path / "file").write_bytes(data)
    transfer_manager.upload_chunks_concurrently(
        str(tmp_path / "file"), bucket.blob("a/ö"), chunk_size=5 * MIB, worker_type=transfer_manager.THREAD
    )
    read = bucket.get_blob("a/ö")
    assert read.download_as_bytes() == data
    assert read.md5_hash is None
    assert storage.told(bucket) == [("OBJECT_FINALIZE", "a/ö")]


def test_an_upload_of_parts_can_be_looked_at_and_aborted(
    storage: Embedded, bucket: Any, directory: Path
) -> None:
    address = f"/{bucket.name}/object"
    begun = storage.http.post(f"{address}?uploads", headers={"content-type": "a/b"})
    upload = begun.text.partition("<UploadId>")[2].partition("<")[0]
    for number in (2, 1):
        part = f"{address}?uploadId={upload}&partNumber={number}"
        assert storage.http.put(part, content=b"x" * 100).status_code == 200
    shown = storage.http.get(f"{address}?uploadId={upload}").text
    assert shown.index("<PartNumber>1<") < shown.index("<PartNumber>2<")
    tag = storage.http.put(f"{address}?uploadId={upload}&partNumber=1", content=b"y").headers["etag"]
    for listed, code in (
        ([(1, '"other"')], "InvalidPart"),
        ([(1, tag), (2, "?")], "InvalidPart"),
        ([], "Invalid"),
    ):
        answer = storage.http.post(f"{address}?uploadId={upload}", content=_completion(listed))
        assert (answer.status_code, code in answer.text) == (400, True)
    assert storage.http.post(f"{address}?uploadId={upload}", content=b"<!DOCTYPE x><a/>").status_code == 400
    assert storage.http.put(f"{address}?uploadId={upload}&partNumber=0", content=b"").status_code == 400
    assert storage.http.delete(f"{address}?uploadId={upload}").status_code == 204
    assert storage.http.get(f"{address}?uploadId={upload}").status_code == 404
    assert not list((directory / "incoming").glob(f"{upload}*"))


def test_a_small_part_can_only_be_the_last(storage: Embedded, bucket: Any) -> None:
    address = f"/{bucket.name}/object"
    begun = storage.http.post(f"{address}?uploads")
    upload = begun.text.partition("<UploadId>")[2].partition("<")[0]
    tags = [
        storage.http.put(f"{address}?uploadId={upload}&partNumber={number}", content=b"x").headers["etag"]
        for number in (1, 2)
    ]
    answer = storage.http.post(f"{address}?uploadId={upload}", content=_completion(list(enumerate(tags, 1))))
    assert (answer.status_code, "EntityTooSmall" in answer.text) == (400, True)
    assert (
        storage.http.post(f"{address}?uploadId={upload}", content=_completion([(1, tags[0])])).status_code
        == 200
    )
    assert bucket.get_blob("object").size == 1


def _completion(parts: list[tuple[int, str]]) -> bytes:
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>" for number, tag in parts
    )
    return f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()


def test_an_upload_session_is_for_the_page_that_it_was_opened_for(storage: Embedded, bucket: Any) -> None:
    url = bucket.blob("object").create_resumable_upload_session(origin=PAGE)
    asked = {"origin": PAGE, "access-control-request-method": "PUT"}
    allowed = storage.http.options(url, headers=asked)
    assert allowed.headers["access-control-allow-origin"] == PAGE
    assert "PUT" in allowed.headers["access-control-allow-methods"]
    answer = storage.http.put(url, content=b"data", headers={"origin": PAGE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "Range" in answer.headers["access-control-expose-headers"]
    other = storage.http.options(url, headers={**asked, "origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/upload/storage/v1/b/{}/o?uploadType=resumable&name=object", {}),
        ("/{}/object", {"x-goog-resumable": "start"}),
    ],
)
def test_a_stranger_s_page_does_not_learn_the_address_of_a_session(
    storage: Embedded, bucket: Any, address: str, headers: dict[str, str]
) -> None:
    """With the address it could upload: a POST of plain text is sent without a preflight."""
    begun = storage.http.post(address.format(bucket.name), headers={**headers, "origin": PAGE})
    assert begun.is_success
    assert "access-control-allow-origin" not in begun.headers
    local = storage.http.post(
        address.format(bucket.name), headers={**headers, "origin": "http://localhost:3000"}
    )
    assert local.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_an_upload_session_follows_the_bucket_s_rules(storage: Embedded) -> None:
    rule = {"origin": [PAGE], "method": ["PUT", "POST"], "responseHeader": ["Location", "Range"]}
    bucket = storage.bucket(cors=[rule])
    address = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=resumable&name=object"
    asked = {"origin": PAGE, "access-control-request-method": "POST"}
    assert storage.http.options(address, headers=asked).headers["access-control-allow-origin"] == PAGE
    begun = storage.http.post(address, headers={"origin": PAGE})
    assert begun.headers["access-control-allow-origin"] == PAGE
    answer = storage.http.put(begun.headers["location"], content=b"data", headers={"origin": PAGE})
    assert answer.headers["access-control-expose-headers"] == "Location,Range"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9023", "127.0.0.1.evil.example"])
def test_a_stranger_s_name_for_this_machine_is_refused(storage: Embedded, host: str) -> None:
    assert storage.http.get("/storage/v1/b", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_stranger_s_page_is_refused(storage: Embedded, bucket: Any, origin: str) -> None:
    address = f"/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=object"
    assert storage.http.post(address, content=b"x", headers={"origin": origin}).status_code == 403
    assert storage.http.get(f"/storage/v1/b/{bucket.name}/o", headers={"origin": origin}).status_code == 403
    assert not list(bucket.list_blobs())
    local = {"origin": "http://localhost:3000"}
    assert storage.http.post(address, content=b"x", headers=local).status_code == 200
