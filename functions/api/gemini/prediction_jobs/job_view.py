"""A batch as a batch prediction job of Vertex AI's.

https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.batchPredictionJobs
"""

from __future__ import annotations

from typing import Any

from ....contract import paths
from ....contract.batch import BatchRecord, BatchState
from ....contract.errors import error_from_facts
from ....contract.timestamps import format_time
from ....services import Services
from ...batch_access import item_counts
from ..batches.batch_view import count_ends, name_of_state
from ..errors import status_of_error
from .job_lines import facts_of_job
from .job_names import job_name


def job_view(services: Services, record: BatchRecord) -> dict[str, Any]:
    """Returns the job. The lines of an open one are counted anew. Raises Transient."""
    facts, counts = facts_of_job(record), item_counts(services, record)
    return {
        "name": job_name(facts.parent, record.id),
        "displayName": facts.display_name,
        "model": facts.model,
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": [facts.source]}},
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": facts.destination},
        },
        "state": _state(record, counts),
        "createTime": format_time(record.created),
        "updateTime": format_time(record.updated),
        "completionStats": _stats(counts),
        **_end(services, record),
    }


def _state(record: BatchRecord, counts: dict[str, int]) -> str:
    if record.state is BatchState.CANCELING:
        return "JOB_STATE_CANCELLING"
    return f"JOB_STATE_{name_of_state(record, counts)}"


def _stats(counts: dict[str, int]) -> dict[str, str]:
    """Returns how many lines have an answer with pictures, an error, or none yet, as texts."""
    named = zip(("successfulCount", "failedCount", "incompleteCount"), count_ends(counts), strict=True)
    return {name: str(number) for name, number in named}


def _end(services: Services, record: BatchRecord) -> dict[str, Any]:
    """Returns what is known only after the end: when it was, the folder of the answers, and what failed."""
    if record.ended is None:
        return {}
    shown: dict[str, Any] = {"endTime": format_time(record.ended)}
    if record.answer_files == "written":
        folder = paths.batch_results_prefix(record.id).rstrip("/")
        bucket = services.settings.results_bucket
        shown["outputInfo"] = {"gcsOutputDirectory": f"gs://{bucket}/{folder}"}
    if record.state is BatchState.FAILED and record.error is not None:
        shown["error"] = status_of_error(error_from_facts(record.error))
    return shown
