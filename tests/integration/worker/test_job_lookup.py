"""From a mark back to the job: what its owner learns, and what other callers learn."""

from __future__ import annotations

import hashlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import Overtaken
from functions.contract.job import JobRecord
from functions.contract.manifest import ImageFacts, Manifest
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import JobStore
from functions.contract.storage.watermark_index import WatermarkEntry, WatermarkIndex
from functions.contract.tombstone import RemainingObjects, Tombstone
from functions.contract.verification import VerificationFacts
from tests.unit.worker.verification.delivered_files import (
    PAYLOAD,
    delivered_file,
    save_again,
    take_screenshot,
)
from worker.pictures.decode import decode_picture
from worker.verification import Examiner
from worker.verification.job_lookup import JobLookup
from worker.watermark import Watermarker

OURS = f"{PAYLOAD:016x}"
MARKER = Watermarker(bytes(range(32)), 3)
EXAMINER = Examiner([MARKER], trust=None)


@pytest.fixture(scope="module")
def file() -> bytes:
    """A WebP without credentials: the file itself does not show whether it was changed."""
    return delivered_file(MARKER, None, "webp")


@pytest.fixture
def committed(committer: JobCommitter, store: JobStore, record: JobRecord, file: bytes) -> Manifest:
    """Commits the ended job of ``record``, with that file as its picture."""
    store.create(record)
    name = paths.result_picture(record.id, 0, "webp")
    committer.results.put(name, file, "image/webp")
    WatermarkIndex(store.bucket).write(OURS, WatermarkEntry(job_id=record.id, n=0, key_version=3))
    facts = ImageFacts(
        name=name,
        width=512,
        height=512,
        bit_depth=8,
        content_type="image/webp",
        bytes=len(file),
        sha256=hashlib.sha256(file).hexdigest(),
        seed=7,
    )
    manifest = committer.commit(Manifest.of(record, State.SUCCEEDED, now(), images=(facts,)))
    committer.settle(manifest)
    return manifest


def verdict(committer: JobCommitter, data: bytes, asker: str) -> VerificationFacts:
    return JobLookup(committer).verdict_on(EXAMINER.examine(data), asker, data, decode_picture(data).rgb)


def test_the_owner_learns_the_job_and_the_time(
    committer: JobCommitter, committed: Manifest, file: bytes
) -> None:
    found = verdict(committer, file, "ada")
    assert (found.verdict, found.ours, found.altered) == ("untouched", True, "no")
    assert (found.job_id, found.image, found.made) == (committed.job_id, 0, committed.ended)
    assert found.deleted is False


def test_another_learns_that_it_is_ours_and_no_more(
    committer: JobCommitter, committed: Manifest, file: bytes
) -> None:
    found = verdict(committer, file, "bob")
    assert (found.verdict, found.ours) == ("untouched", True)
    assert committed.job_id not in found.model_dump_json()
    assert (found.job_id, found.image, found.made, found.deleted) == (None, None, None, None)


def test_the_same_pixels_in_another_file_are_told(
    committer: JobCommitter, committed: Manifest, file: bytes
) -> None:
    del committed
    lossless = BytesIO()
    Image.open(BytesIO(file)).save(lossless, "PNG")
    found = verdict(committer, lossless.getvalue(), "ada")
    assert (found.verdict, found.altered) == ("stripped", "no")


def test_other_pixels_are_told(committer: JobCommitter, committed: Manifest, file: bytes) -> None:
    for copy in (take_screenshot(file, "PNG"), save_again(file, "WEBP")):
        found = verdict(committer, copy, "ada")
        assert (found.verdict, found.altered, found.job_id) == ("copy", "yes", committed.job_id)


def test_once_the_picture_is_not_kept_any_more_the_file_alone_speaks(
    committer: JobCommitter, committed: Manifest, file: bytes
) -> None:
    committer.results.delete(committed.images[0].name)
    found = verdict(committer, save_again(file, "WEBP"), "ada")
    assert (found.verdict, found.altered, found.job_id) == ("unsigned", "unknown", committed.job_id)
    assert verdict(committer, file, "ada").verdict == "untouched"  # its hash is in the manifest


def test_of_a_deleted_job_it_is_still_ours(
    committer: JobCommitter, store: JobStore, committed: Manifest, file: bytes
) -> None:
    put_tombstone(committer, store, committed)
    found = verdict(committer, file, "ada")
    assert (found.ours, found.verdict, found.deleted) == (True, "unsigned", True)
    assert (found.job_id, found.made) == (committed.job_id, committed.ended)
    others = verdict(committer, file, "bob")
    assert (others.ours, others.job_id, others.deleted) == (True, None, None)


def put_tombstone(committer: JobCommitter, store: JobStore, manifest: Manifest) -> None:
    """Deletes the job as ``functions.deletion.job_deletion`` does."""
    stored = store.read(manifest.job_id)
    tombstone = Tombstone(
        id=manifest.job_id,
        owner_hash=ids.owner_hash("ada"),
        task="generate",
        state=manifest.state,
        event_id=manifest.event_id,
        created=stored.record.created,
        ended=manifest.ended,
        deleted=now(),
        request_sha256=manifest.request_sha256,
        remaining=RemainingObjects(index_entry="owners/x"),
    )
    store.put_tombstone(tombstone, stored.generation)
    committer.results.put(paths.manifest(manifest.job_id), tombstone.finished().encode())
    committer.results.delete(manifest.images[0].name)


def test_a_mark_that_is_in_no_table_is_ours_of_an_unknown_job(committer: JobCommitter, file: bytes) -> None:
    found = verdict(committer, file, "ada")
    assert (found.ours, found.verdict, found.job_id) == (True, "unsigned", None)


def test_a_strangers_picture_asks_the_table_nothing(committer: JobCommitter) -> None:
    data = save_again(delivered_file(Watermarker(bytes(32), 1), None), "PNG")
    assert verdict(committer, data, "ada").verdict == "foreign"


def test_a_picture_that_is_marked_again_keeps_its_entry(bucket: Bucket, record: JobRecord) -> None:
    marks, mark = WatermarkIndex(bucket), WatermarkEntry(job_id=record.id, n=0, key_version=1)
    marks.write(OURS, mark)
    marks.write(OURS, mark.model_copy(update={"key_version": 2}))
    assert marks.find(OURS) == mark
    with pytest.raises(Overtaken):
        marks.write(OURS, mark.model_copy(update={"n": 1}))


def test_entries_of_earlier_versions_are_read(bucket: Bucket, record: JobRecord) -> None:
    bucket.put(paths.watermark_entry(OURS), f'{{"job_id": "{record.id}", "n": 2, "key_version": 1}}'.encode())
    found = WatermarkIndex(bucket).find(OURS)
    assert found is not None
    assert (found.job_id, found.n) == (record.id, 2)


def test_pixels_are_compared_whatever_their_shape(
    committer: JobCommitter, committed: Manifest, file: bytes
) -> None:
    del committed
    rgb = np.ascontiguousarray(decode_picture(file).rgb[:400])
    found = JobLookup(committer).verdict_on(
        EXAMINER.examine_decoded(file, decode_picture(file).rgb), "ada", b"another file", rgb
    )
    assert (found.verdict, found.altered) == ("copy", "yes")
