"""The rules of retention: days for each prefix of each bucket, ``{"results/": 30, "jobs/inputs/": 7}``.

A prefix begins with the bucket's role in Plantain (uploads, results or jobs) and continues with the names in
it. The laptop's ``sweep`` and the cloud's lifecycle rules read the same map and do the same: an object is
deleted when it is that many days old. A rule that would break a promise is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import paths

# What may be removed from the jobs bucket. Markers of open jobs are not here: they are deleted with the end.
_OF_JOBS = (
    *("jobs/", "owners/", "inputs/", "checkpoints/", "deliveries/", "receivers/", "marks/", "set-aside/"),
    *("batches/", "batch-owners/", "batch-items/", "batch-predictions/"),
)
# What only matters for a while, in days. These rules hold always, and are not settings.
SHORT_LIVED = {
    f"jobs/{paths.REPEATS}": 1,
    f"jobs/{paths.PROCESSES}": 1,
    f"jobs/{paths.JOB_PLACES}": 2,  # longer than any job
    f"jobs/{paths.BYTES_OF_DAYS}": 2,
    f"jobs/{paths.FAILURES}": 7,
    f"uploads/{paths.UPLOAD_SESSIONS}": 2,
}
_RECORDS, _MANIFESTS = "jobs/jobs/", "results/"
_BATCHES = ("jobs/batches/", "jobs/batch-items/")
_LONGEST_JOB = 1  # day: a request's deadline is at most that, so no job loses what it still needs


def check_retention(days: Mapping[str, int]) -> None:
    """Raises ValueError for a rule that is not allowed; the message says what to write instead."""
    for prefix in days:
        bucket, slash, inside = prefix.partition("/")
        if not slash or not prefix.endswith("/"):
            raise ValueError(f"write the prefix {prefix} with a bucket first and a slash last: results/")
        if bucket == "results":
            _require(inside == "", "results are kept or removed whole: name them results/")
        elif bucket == "uploads":
            _require(
                inside != "", "name folders of the uploads, such as uploads/api/: recipes lie beside them"
            )
            _require(not inside.startswith(paths.RECIPES), "recipes are kept until you remove them")
        elif bucket == "jobs":
            names = ", ".join(f"jobs/{name}" for name in _OF_JOBS)
            _require(inside in _OF_JOBS, f"of the jobs bucket only {names} can be removed")
        else:
            raise ValueError(f"{bucket} is none of uploads, results and jobs")
    _check_records(days)
    for prefix in _BATCHES:
        _require(
            days.get(prefix, 2) > _LONGEST_JOB, f"{prefix} is kept for 2 days at least: jobs may take one"
        )


def _check_records(days: Mapping[str, int]) -> None:
    """Refuses to keep results longer than records. Without its record a key could make the job again."""
    if _RECORDS not in days:
        return
    _require(days[_RECORDS] > _LONGEST_JOB, "records are kept for 2 days at least: jobs may take one")
    _require(
        days.get(_MANIFESTS, days[_RECORDS] + 1) <= days[_RECORDS],
        f"records outlive results: give {_MANIFESTS} no more days than {_RECORDS}",
    )


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)
