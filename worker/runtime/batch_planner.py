"""Chooses the waiting jobs that are drawn together with the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from worker.engines.pass_limits import PassLimits
from worker.runtime.job_in_progress import JobInProgress
from worker.stages.pipeline import is_drawn_at_once
from worker.stages.work import Work

_NO_LIMITS = PassLimits()
_LEAST_IN_FLIGHT = 8
_BATCHES_IN_FLIGHT = 3  # one is drawn, one waits, one is marked and written


class BatchPlanner:
    """Finds partners for a job: jobs that agree with it, up to what gains from a pass of that size.

    ``limits``: by the models' names; a model that is not there draws one picture at a time.
    """

    def __init__(self, limits: Mapping[str, PassLimits]) -> None:
        self._limits = limits

    @property
    def most(self) -> int:
        """Returns the largest number of pictures in any pass."""
        return max((limits.most for limits in self._limits.values()), default=1)

    def find_partners(
        self, first: JobInProgress, waiting: Sequence[JobInProgress]
    ) -> Sequence[JobInProgress]:
        """Returns those of ``waiting`` that are drawn with ``first``, which has waited longest.

        Normal jobs come before those of low priority. Owners take turns, and each owner's oldest is first.
        """
        key = self._key_of(first.work)
        if key is None:
            return ()
        room = self._limit_of(first.work) - first.work.request.count
        partners: list[JobInProgress] = []
        for job in _take_turns(first, [job for job in waiting if self._key_of(job.work) == key]):
            if job.work.request.count <= room:
                partners.append(job)
                room -= job.work.request.count
        return partners

    def _limits_of(self, work: Work) -> PassLimits:
        return self._limits.get(work.model, _NO_LIMITS)

    def _limit_of(self, work: Work) -> int:
        """Returns how many pictures may share a pass. Results beyond the model's size are drawn at that."""
        limits = self._limits_of(work)
        most_pixels = limits.points[-1].pixels if limits.points else 0
        return limits.limit(max(1, min(work.width * work.height, most_pixels)))

    def _key_of(self, work: Work) -> Hashable | None:
        """Returns what jobs of one pass have in common; None for a job that is drawn alone.

        A second attempt is drawn alone: if the first one took the engine's process down, it takes no other
        job with it again.
        """
        request, limits = work.request, self._limits_of(work)
        is_shareable = is_drawn_at_once(work) and work.attempt == 1 and limits.most > 1
        if not is_shareable or (work.images and not limits.takes_images):
            return None
        how = (request.steps, request.guidance, request.strength, bool(request.negative_prompt))
        has_mask = work.mask is not None or request.region_prompt is not None
        return work.model, work.width, work.height, how, len(work.images), has_mask


def count_jobs_in_flight(wanted: int | None, limits: Mapping[str, PassLimits]) -> int:
    """Returns how many jobs the worker holds at once, beside low ones. ``wanted``: the setting, or None."""
    return wanted or max(_LEAST_IN_FLIGHT, _BATCHES_IN_FLIGHT * BatchPlanner(limits).most)


def _take_turns(first: JobInProgress, jobs: Sequence[JobInProgress]) -> Sequence[JobInProgress]:
    """Returns the jobs of all owners in turn; the owner of ``first`` has had one turn."""
    turns = Counter([first.owner])
    ranked: list[tuple[bool, int, JobInProgress]] = []
    for job in jobs:
        ranked.append((job.is_low_priority, turns[job.owner], job))
        turns[job.owner] += 1
    return [job for _, _, job in sorted(ranked, key=lambda each: each[:2])]
