"""A batch on the real stack: many lines, a handful of them bad, and one summary.

``PLANTAIN_TEST_LINES=500`` makes it the batch that the issue asks for; a picture's watermark takes its time.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Any

import pytest

from functions.contract import ids, paths
from functions.contract.batch import BatchManifest
from tests.e2e.event_path.laptop import Laptop
from tests.eventually import eventually

LINES = int(os.environ.get("PLANTAIN_TEST_LINES", "30"))  # at least 28
BAD: dict[int, bytes] = {
    4: b"this is not JSON",
    8: b'{"task": "dance", "prompt": "a boat"}',
    12: b'{"task": "generate", "prompt": "a boat", "size": "9K"}',
    16: b'{"task": "generate", "prompt": "a boat", "colour": "red"}',
    20: b'{"task": "edit", "prompt": "snow", "images": [{"uri": "gs://elsewhere/boat.png"}]}',
    24: b'["generate", "a boat"]',
    28: b'{"custom_id": "boat-1", "request": {"task": "generate", "prompt": "a boat"}}',
}
CODES = {
    **dict.fromkeys(BAD, "invalid_request"),
    8: "unsupported_task",
    12: "unsupported_size",
    20: "foreign_bucket",
}


def line(number: int) -> bytes:
    request = {"task": "generate", "prompt": f"boat {number}", "size": "512", "model": "mock"}
    return BAD.get(number) or json.dumps({"custom_id": f"boat-{number}", "request": request}).encode()


@pytest.mark.timeout(300 + 20 * LINES)
def test_a_batch_of_many_lines_of_which_7_are_bad(laptop: Laptop) -> None:
    laptop.events()
    batch_id = uploaded(laptop, b"\n".join(map(line, range(1, LINES + 1))))
    summary = ended(laptop, batch_id)

    assert summary.counts == {"refused": 7, "succeeded": LINES - 7}
    assert [item.line for item in summary.items] == list(range(1, LINES + 1))
    assert {item.line: item.error.code for item in summary.items if item.error} == CODES
    names = laptop.names(laptop.settings.results_bucket)
    assert {name for item in summary.items for name in item.images} <= names
    assert len({item.images for item in summary.items}) == LINES - 6
    assert paths.batch_manifest(batch_id) in names

    told: list[dict[str, Any]] = []

    def batch_events() -> list[dict[str, Any]]:
        told.extend(laptop.events())
        return [each for each in told if each["type"].startswith("batch.")]

    (event,) = eventually(batch_events, "the batch's event")
    assert (event["type"], event["data"]["counts"]) == ("batch.completed", summary.counts)
    assert len({each["id"] for each in told}) == len(told)


def uploaded(laptop: Laptop, data: bytes, name: str = "nightly/boats.jsonl") -> str:
    bucket = laptop.settings.uploads_bucket
    blob = laptop.storage().bucket(bucket).blob(name)
    blob.upload_from_string(data, content_type="application/jsonl")
    return ids.batch_id_for_upload(bucket, name, int(blob.generation or 0))


def ended(laptop: Laptop, batch_id: str) -> BatchManifest:
    """The summary, once there is one."""
    bucket, name = laptop.settings.results_bucket, paths.batch_manifest(batch_id)
    ended = f"batch-items/{batch_id}/ended/"
    before = -1
    while (done := len(laptop.names(laptop.settings.jobs_bucket, ended))) != before:  # it is getting on
        before = done
        with suppress(AssertionError):
            eventually(lambda: name in laptop.names(bucket, paths.BATCHES), "the summary")
            break
    return BatchManifest.parse(laptop.storage().bucket(bucket).blob(name).download_as_bytes())
