"""What the embedded Cloud Storage does not do is refused with 501 and its name."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.integration.local.storage_servers import Embedded, embedded


@pytest.fixture(scope="module")
def storage() -> Generator[Embedded]:
    with embedded() as running:
        running.client.create_bucket("bucket").blob("object").upload_from_string(b"data")
        yield running


def _refused(answer: Any, name: str) -> None:
    assert answer.status_code == 501, answer.text
    assert name in answer.text


OBJECT = "/storage/v1/b/bucket/o/object"


@pytest.mark.parametrize(
    ("method", "address", "name"),
    [
        (
            "POST",
            "/upload/storage/v1/b/bucket/o?uploadType=media&name=new&predefinedAcl=publicRead",
            "predefinedAcl",
        ),
        ("POST", "/upload/storage/v1/b/bucket/o?uploadType=media&name=new&kmsKeyName=k", "kmsKeyName"),
        ("POST", "/storage/v1/b?predefinedAcl=publicRead", "predefinedAcl"),
        ("POST", "/storage/v1/b?enableObjectRetention=true", "enableObjectRetention"),
        ("POST", f"{OBJECT}/rewriteTo/b/bucket/o/new?destinationKmsKeyName=k", "destinationKmsKeyName"),
        (
            "POST",
            f"{OBJECT}/rewriteTo/b/bucket/o/new?destinationPredefinedAcl=private",
            "destinationPredefinedAcl",
        ),
        ("PATCH", f"{OBJECT}?overrideUnlockedRetention=true", "overrideUnlockedRetention"),
        ("GET", f"{OBJECT}?softDeleted=true", "softDeleted"),
        ("GET", "/storage/v1/b/bucket/o?softDeleted=true", "softDeleted"),
        ("GET", "/storage/v1/b/bucket/o?filter=x", "filter"),
        ("POST", f"{OBJECT}/restore?generation=1", "restore"),
        ("GET", f"{OBJECT}/acl", "acl"),
        ("GET", "/storage/v1/b/bucket/iam", "iam"),
        ("GET", "/storage/v1/b/bucket/defaultObjectAcl", "defaultObjectAcl"),
        ("GET", "/storage/v1/b/bucket/folders", "folders"),
        ("GET", "/storage/v1/projects/p/hmacKeys", "hmacKeys"),
        ("PUT", "/bucket/object?tagging", "tagging"),
        ("GET", "/bucket/object?acl", "acl"),
        ("GET", "/bucket", "XML API of buckets"),
        ("GET", "/bucket/?list-type=2&prefix=a", "XML API of buckets"),
        ("PUT", "/new-bucket", "XML API of buckets"),
    ],
)
def test_addresses_and_parameters(storage: Embedded, method: str, address: str, name: str) -> None:
    _refused(storage.http.request(method, address, json={}), name)


@pytest.mark.parametrize(
    ("method", "address", "document", "name"),
    [
        ("PATCH", OBJECT, {"acl": [{"entity": "allUsers", "role": "READER"}]}, "acl"),
        ("PATCH", OBJECT, {"retention": {"mode": "Locked"}}, "retention"),
        ("PATCH", OBJECT, {"contexts": {"custom": {"a": {"value": "b"}}}}, "contexts"),
        (
            "POST",
            "/upload/storage/v1/b/bucket/o?uploadType=resumable",
            {"name": "n", "kmsKeyName": "k"},
            "kmsKeyName",
        ),
        ("POST", f"{OBJECT}/rewriteTo/b/bucket/o/new", {"acl": [{}]}, "acl"),
        (
            "POST",
            "/storage/v1/b/bucket/o/new/compose",
            {"sourceObjects": [{"name": "object"}], "deleteSourceObjects": True},
            "deleteSourceObjects",
        ),
        ("PATCH", "/storage/v1/b/bucket", {"lifecycle": {"rule": [{}]}}, "lifecycle"),
        ("PATCH", "/storage/v1/b/bucket", {"encryption": {"defaultKmsKeyName": "k"}}, "encryption"),
        (
            "PATCH",
            "/storage/v1/b/bucket",
            {"softDeletePolicy": {"retentionDurationSeconds": "9"}},
            "softDeletePolicy",
        ),
        ("PATCH", "/storage/v1/b/bucket", {"billing": {"requesterPays": True}}, "billing"),
        (
            "POST",
            "/storage/v1/b",
            {"name": "new-bucket", "hierarchicalNamespace": {"enabled": True}},
            "hierarchical",
        ),
        ("POST", "/storage/v1/b", {"name": "new-bucket", "autoclass": {"enabled": True}}, "autoclass"),
    ],
)
def test_properties(storage: Embedded, method: str, address: str, document: Any, name: str) -> None:
    _refused(storage.http.request(method, address, json=document), name)
    assert storage.http.get("/storage/v1/b/new-bucket").status_code == 404
    assert storage.http.get("/storage/v1/b/bucket/o/new").status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "x-goog-encryption-algorithm",
        "x-goog-acl",
        "x-goog-copy-source",
        "x-goog-copy-source-encryption-key",
        "x-amz-copy-source",
        "x-amz-server-side-encryption",
        "x-amz-meta-name",
    ],
)
def test_headers(storage: Embedded, header: str) -> None:
    _refused(storage.http.put("/bucket/new", content=b"x", headers={header: "v"}), header)
    address = "/upload/storage/v1/b/bucket/o?uploadType=media&name=new"
    _refused(storage.http.post(address, content=b"x", headers={header: "v"}), header)
    assert storage.http.get("/storage/v1/b/bucket/o/new").status_code == 404


def test_what_asks_for_nothing_is_taken(storage: Embedded) -> None:
    """Clients send these with their defaults."""
    document = {
        "name": "plain-bucket",
        "softDeletePolicy": {"retentionDurationSeconds": "0"},
        "autoclass": {"enabled": False},
        "lifecycle": {"rule": []},
    }
    address = "/storage/v1/b?predefinedAcl=projectPrivate&predefinedDefaultObjectAcl=bucketOwnerFullControl"
    assert storage.http.post(address, json=document).status_code == 200
    assert storage.http.get("/storage/v1/b/bucket/o?softDeleted=false&prettyPrint=false").status_code == 200


def test_what_no_bucket_has_is_refused(storage: Embedded) -> None:
    assert storage.http.patch("/storage/v1/b/bucket", json={"colour": "red"}).status_code == 400
    assert storage.http.patch(OBJECT, json={"colour": "red"}).status_code == 400
