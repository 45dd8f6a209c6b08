"""A job as its owner sees it. The lease is internal and not shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...contract.formats import content_type_of_name
from ...contract.job import JobRecord
from ...contract.request import JobRequest
from ...contract.settings import Settings
from ...contract.storage.job_pace import ModelPace
from ...contract.storage.job_store import LABEL
from ...contract.storage.record_store import IndexEntry, IndexPage
from ...contract.timestamps import format_time, with_utc_suffix
from ...contract.tombstone import Tombstone
from ...intake.admission import JobPlan
from ...lifecycle.stored_results import results_kept_until

SHOWN_OF_JOB = (
    *("id", "state", "model", "width", "height", "seed", "stage", "step", "steps", "progress", "preview"),
    *("attempt", "created", "updated", "ended", "deadline", "error", "source"),
)
HIDDEN_OF_TOMBSTONE = frozenset({"version", "owner_hash", "remaining"})


def job_url(job_id: str) -> str:
    return f"/v1/jobs/{job_id}"


def job_view(record: JobRecord, settings: Settings, kept: frozenset[str]) -> dict[str, Any]:
    """Returns the job's JSON. ``kept``: the pictures that exist. Others are not listed; the numbers stay the
    same.
    """
    fields = record.model_dump(mode="json", include=set(SHOWN_OF_JOB))
    if not record.width:  # refused before it was planned: it has no size and no seed
        fields |= dict.fromkeys(("width", "height", "seed"))
    return {
        **fields,
        "task": record.request.task,
        "labels": record.request.labels,
        "images": [
            _image_view(record, n, name, settings.results_bucket)
            for n, name in enumerate(record.images)
            if name in kept
        ],
        "results_expired": not kept.issuperset(record.images),
        "results_kept_until": _kept_until(record, settings),
        "request": record.request.model_dump(mode="json", exclude_none=True, exclude={"dry_run"}),
        "url": job_url(record.id),
    }


def _kept_until(record: JobRecord, settings: Settings) -> str | None:
    until = results_kept_until(settings, record.ended) if record.ended else None
    return until and format_time(until)


def _image_view(record: JobRecord, n: int, name: str, results_bucket: str) -> dict[str, Any]:
    return {
        "uri": f"gs://{results_bucket}/{name}",
        "url": f"{job_url(record.id)}/images/{n}",
        "width": record.width,
        "height": record.height,
        "content_type": content_type_of_name(name),
    }


def tombstone_view(found: Tombstone) -> dict[str, Any]:
    return found.model_dump(mode="json", exclude=set(HIDDEN_OF_TOMBSTONE), exclude_none=True)


def estimate_view(plan: JobPlan, request: JobRequest, pace: ModelPace) -> dict[str, Any]:
    """Returns the answer to a dry run. ``seconds`` counts from when the job runs; null where none
    was measured.
    """
    pixels = plan.width * plan.height
    drawn = request.frame_count or request.picture_count
    facts = {
        "model": plan.model,
        "width": plan.width,
        "height": plan.height,
        "count": request.picture_count,
        "paid_calls": plan.paid_calls,
        "seconds": pace.estimate(request.task, pixels, drawn),
    }
    return {"estimate": facts | ({"steps": request.steps} if request.steps is not None else {})}


def page_view(found: IndexPage, records: Mapping[str, JobRecord] | None = None) -> dict[str, Any]:
    """Returns a page of a listing; ``records`` are those of the entries that are shown with details."""
    jobs = [
        entry_view(entry) | (record_details(records[entry.id]) if records and entry.id in records else {})
        for entry in found.entries
    ]
    return {"jobs": jobs, "next_cursor": found.cursor}


def record_details(record: JobRecord) -> dict[str, Any]:
    """Returns what a listing with details says beside the entry, from the job's record."""
    request = record.request
    return {
        "prompt": request.prompt,
        "prompts": list(request.prompts),
        "model": record.model,
        "width": record.width or None,
        "height": record.height or None,
        "seed": record.seed if record.width else None,
        "images": len(record.images),
        "inputs": len(request.images),
        "ended": record.ended and format_time(record.ended),
        "error": record.error and record.error.model_dump(mode="json", include={"code", "message"}),
    }


def entry_view(entry: IndexEntry) -> dict[str, Any]:
    facts = entry.metadata
    return {
        "id": entry.id,
        "state": entry.state,
        "task": facts.get("task"),
        "created": with_utc_suffix(facts.get("created")),
        "labels": {key.removeprefix(LABEL): text for key, text in facts.items() if key.startswith(LABEL)},
        "url": job_url(entry.id),
    }
