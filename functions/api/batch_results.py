"""The jobs of a batch's lines, for answers that are composed from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from ..contract.batch import BatchItem
from ..contract.errors import PlantainError, Transient, error_from_facts
from ..contract.states import State
from ..lifecycle.stored_results import expired_result_error
from ..services import Services
from ..waiting.finished_job import FinishedJob, finished_job

_AHEAD = 16  # jobs whose records and manifests are read at once: some kilobytes each


def find_results(
    services: Services, items: Iterable[BatchItem]
) -> Iterator[tuple[BatchItem, FinishedJob | PlantainError]]:
    """Yields each ended item with its job, or with why there are no pictures to show.

    Raises Transient.
    """
    left = iter(items)
    while some := list(islice(left, _AHEAD)):
        jobs = list(services.pool.map(partial(_find_job, services), some))
        drawn = (picture.name for job in jobs if isinstance(job, FinishedJob) for picture in job.pictures)
        kept = services.results.find_existing(drawn)
        for item, job in zip(some, jobs, strict=True):
            if isinstance(job, FinishedJob) and not all(picture.name in kept for picture in job.pictures):
                yield item, expired_result_error(services.settings, job.manifest.ended)
            else:
                yield item, job


def _find_job(services: Services, item: BatchItem) -> FinishedJob | PlantainError:
    if item.state != State.SUCCEEDED:
        return item_error(item)
    try:
        return finished_job(services, services.store.read(item.job_id or "").record)
    except Transient:
        raise
    except PlantainError as error:
        return error


def item_error(item: BatchItem) -> PlantainError:
    """Returns why the item did not succeed."""
    error = error_from_facts(item.error) if item.error else PlantainError("No reason was recorded.")
    error.field = item.field
    return error
