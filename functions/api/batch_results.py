"""The jobs of a batch's lines, for answers that are composed from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, takewhile

from pydantic import Field
from werkzeug.datastructures import MultiDict

from ..contract.batch import BatchItem
from ..contract.document import DocumentPart
from ..contract.errors import PlantainError, Transient, error_from_facts
from ..contract.states import State
from ..contract.storage.batch_items import BatchItems
from ..intake.strict_json import parse_model
from ..lifecycle.stored_results import expired_result_error
from ..services import Services
from ..waiting.finished_job import FinishedJob, finished_job
from .query_string import single_value

_MOST_LINES = 99_999_999  # as many as names of items count
_AHEAD = 16  # jobs whose records and manifests are read at once: some kilobytes each


class LineQuery(DocumentPart, use_attribute_docstrings=True):
    """Which lines of a batch's file the answers are wanted of: all of them by default."""

    after_line: int = Field(default=0, ge=0, le=_MOST_LINES)
    """Of a batch's results: the answers to lines after this one of the batch's file."""
    lines: int = Field(default=_MOST_LINES, ge=1, le=_MOST_LINES)
    """Of a batch's results: the answers to so many lines of the batch's file."""

    def ended_items(self, services: Services, batch_id: str) -> Iterator[BatchItem]:
        """Yields the ended items of these lines."""
        items = BatchItems(services.jobs, batch_id).ended(after=self.after_line)
        return takewhile(lambda item: item.line <= self.after_line + self.lines, items)


def read_line_query(arguments: MultiDict[str, str]) -> LineQuery:
    """Returns the lines that a query asks for, whatever else it has. Raises InvalidRequest."""
    given = {name: single_value(arguments, name) for name in LineQuery.model_fields}
    return parse_model(LineQuery, {name: value for name, value in given.items() if value is not None})


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
