"""A queued job's position: how many jobs that have not ended are before it. It takes one listing."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract import ids, paths
from ..contract.job import JobRecord
from ..contract.settings import Settings
from ..contract.states import State
from ..contract.storage.bucket import ObjectInfo
from ..contract.storage.job_pace import read_pace
from ..notifications.open_marker import NOTIFIED
from ..services import Services

SAMPLE = 500  # markers that are looked at
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_LANE, _PRIORITY = "lane", "priority"  # on a job's marker


def queue_facts(record: JobRecord, settings: Settings) -> dict[str, str]:
    """Returns what a job's marker says of its queue."""
    return {_LANE: settings.topic_for(record.model), _PRIORITY: record.request.priority}


def marker_queue(marker: ObjectInfo) -> tuple[str, str]:
    """Returns the lane and the priority that the marker of an open job names."""
    return marker.metadata.get(_LANE, ""), marker.metadata.get(_PRIORITY, "normal")


def queue_position(services: Services, record: JobRecord) -> dict[str, object] | None:
    """Returns ``{"ahead": 3, "exact": true, "seconds": 4.2}`` for a queued job, and None for any other.

    ``ahead`` counts the jobs of its queue that have not ended, running ones too; all normal jobs are before
    one of low priority. Job ids are random, so the first ``SAMPLE`` markers are a fair sample; with more
    markers the number is an estimate. ``seconds`` is how long the job itself takes once it runs.
    """
    if record.state is not State.QUEUED:
        return None
    markers = list(services.jobs.list(paths.OPEN, limit=SAMPLE))
    seen = 1.0 if len(markers) < SAMPLE else _share_up_to(markers[-1].name)
    mine = queue_facts(record, services.settings)
    before = sum(_is_before(marker, record, mine) for marker in markers)
    pace, _ = read_pace(services.jobs, record.model)
    request = record.request
    seconds = pace.estimate(
        request.task, record.width * record.height, request.frame_count or request.picture_count
    )
    return {"ahead": round(before / seen), "exact": seen == 1.0, "seconds": seconds}


def _is_before(marker: ObjectInfo, record: JobRecord, mine: Mapping[str, str]) -> bool:
    facts = marker.metadata
    if NOTIFIED in facts or "published" not in facts or marker.name == paths.open_marker(record.id):
        return False
    if facts.get(_LANE, mine[_LANE]) != mine[_LANE]:
        return False
    theirs = facts.get(_PRIORITY, "normal")
    if theirs != mine[_PRIORITY]:
        return theirs == "normal"
    return marker.created < record.created


def _share_up_to(name: str) -> float:
    """Returns the share of all job ids that sort up to ``name``, from its first letters; digits sort first.

    Returns 1.0 for a marker that is not a job's.
    """
    job_id = name.removeprefix(paths.OPEN)
    if not ids.JOB_ID.match(job_id):
        return 1.0
    letters = job_id.removeprefix("job_")[:6]
    order = sorted(_DIGITS)
    return sum((order.index(letter) + 1) / 32 ** (n + 1) for n, letter in enumerate(letters)) or 1.0
