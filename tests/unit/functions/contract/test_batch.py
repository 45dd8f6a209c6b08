"""The documents of a batch, and the names of its objects."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from functions.contract import ids, paths
from functions.contract.batch import (
    BatchEvent,
    BatchItem,
    BatchManifest,
    BatchRecord,
    BatchState,
    count_states,
)
from functions.contract.document import now
from functions.contract.retention_rules import check_retention
from functions.contract.settings import Settings, SettingsError
from functions.contract.states import State

BATCH = "batch_" + "a" * 26
JOB = "job_" + "a" * 26


def record(**fields: object) -> BatchRecord:
    moment = now()
    return BatchRecord.model_validate(
        {
            "id": BATCH,
            "owner": "ada",
            "source": "gs://uploads/boats.jsonl",
            "generation": 17,
            "request_sha256": "0" * 64,
            "created": moment,
            "updated": moment,
            **fields,
        }
    )


def test_ids_are_written_down() -> None:
    """Another hash tomorrow would run every batch again."""
    assert ids.batch_id_for_upload("uploads", "boats.jsonl", 17) == "batch_du6g637p4rlaqdkgpm3jwxnlji"
    assert ids.batch_id_for_key("ada", "k-1") == "batch_54z6ykoctzrklzri34mdnrqlvi"
    assert ids.job_id_for_line(BATCH, 1) == "job_gqf3qsk7l6e5s6nhs4vfnhfkmq"


def test_a_job_s_source_leads_back_to_its_line() -> None:
    assert ids.batch_of_source(ids.batch_source(BATCH, 12)) == (BATCH, 12)
    for other in (None, "", "gs://uploads/boat.png#17", f"{BATCH}", f"{BATCH}/x", f"x{BATCH}/1"):
        assert ids.batch_of_source(other) is None


def test_every_object_of_a_batch_has_its_own_name() -> None:
    names = [
        paths.batch_record(BATCH),
        paths.open_batch_marker(BATCH),
        paths.batch_index_entry("ada", datetime.now(UTC), BATCH),
        paths.open_item(BATCH, 1),
        paths.ended_item(BATCH, 1),
        paths.batch_manifest(BATCH),
    ]
    assert len(set(names)) == len(names)
    assert all(BATCH in name for name in names)
    assert not any(name.startswith(paths.OPEN) for name in names)  # sweep takes those for jobs


def test_items_sort_as_their_lines_do() -> None:
    names = [paths.open_item(BATCH, line) for line in (1, 2, 9, 10, 99, 10_000)]
    assert names == sorted(names)


def test_records_and_summaries_are_told_by_their_names() -> None:
    assert paths.batch_id_of_record(paths.batch_record(BATCH)) == BATCH
    assert paths.batch_id_of_manifest(paths.batch_manifest(BATCH)) == BATCH
    for other in (BATCH, f"batches/{BATCH}", f"batches/{JOB}.json", f"x/batches/{BATCH}.json"):
        assert paths.batch_id_of_record(other) is None
        assert paths.batch_id_of_manifest(other) is None
    assert paths.job_id_of_manifest(paths.batch_manifest(BATCH)) is None


def test_a_summary_counts_its_items_and_an_event_names_it() -> None:
    items = (
        BatchItem(line=1, state=State.SUCCEEDED, job_id=JOB),
        BatchItem(line=2, state="refused"),
        BatchItem(line=3, state=State.SUCCEEDED),
    )
    manifest = BatchManifest.of(record(), BatchState.COMPLETED, items)
    assert manifest.counts == {"refused": 1, "succeeded": 2}
    assert BatchManifest.parse(manifest.encode()) == manifest
    event = BatchEvent.of(manifest, "results")
    assert (event.type, event.id) == ("batch.completed", ids.event_id(BATCH))
    assert event.data.manifest == f"gs://results/batches/{BATCH}/manifest.json"


def test_a_record_is_what_was_written() -> None:
    kept = record(defaults={"size": "1K", "labels": {"team": "sea"}}, lane="vertex-batch")
    assert BatchRecord.parse(kept.encode()) == kept


def test_an_item_of_no_line_is_refused() -> None:
    with pytest.raises(ValidationError):
        BatchItem(line=0, state=State.QUEUED)


def test_states_are_counted_by_name() -> None:
    assert list(count_states(["succeeded", "failed", "succeeded"]).items()) == [
        ("failed", 1),
        ("succeeded", 2),
    ]


def test_batches_may_go_by_age_though_not_while_their_jobs_may_run() -> None:
    check_retention({"jobs/batches/": 30, "jobs/batch-items/": 30, "jobs/batch-owners/": 30})
    for prefix in ("jobs/batches/", "jobs/batch-items/"):
        with pytest.raises(ValueError, match="2 days"):
            check_retention({prefix: 1})


def test_a_lane_without_a_model_does_not_start() -> None:
    least = {f"PLANTAIN_{name}_BUCKET": name.lower() for name in ("UPLOADS", "RESULTS", "JOBS")}
    lane = {**least, "PLANTAIN_PROJECT": "demo", "PLANTAIN_BATCH_LANE": "vertex-batch"}
    with pytest.raises(SettingsError, match="vertex_model"):
        Settings.from_environment(lane)
    model = "projects/p/locations/europe-west4/models/42"
    assert Settings.from_environment({**lane, "PLANTAIN_VERTEX_MODEL": model}).batch_lane == "vertex-batch"
    with pytest.raises(SettingsError, match="PLANTAIN_VERTEX_MODEL"):
        Settings.from_environment({**lane, "PLANTAIN_VERTEX_MODEL": "42"})
