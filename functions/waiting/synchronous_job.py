"""A job whose caller waits for the pictures on one connection.

The job is durable: a connection that is lost, or a wait that ends first, costs no picture. The repeat of the
request finds the job (see ``repeats``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic

from flask import Response

from ..contract.errors import ClientGone, Deleted, NotReadyInTime, TooManyWaiting, Transient
from ..contract.job import JobRecord
from ..contract.job_quota import JobQuota
from ..contract.request import JobRequest
from ..contract.telemetry.log import log
from ..intake.admission import JobPlan, admit_job, request_hash
from ..job_end_watcher import wait_for_end
from ..services import Services
from .early_reads import EarlyReads
from .finished_job import FinishedJob, finished_job
from .job_updates import follow_job
from .repeats import RequestPlace, take_place
from .wait_hints import WaitHints

JOB_HEADER = "X-Plantain-Job"


@dataclass
class SynchronousJob:
    """A job that a waiting caller began, or found again. ``deliver`` or ``close`` has to be called."""

    services: Services
    record: JobRecord
    until: float  # on the monotonic clock
    is_abandoned: Callable[[], bool]
    place: RequestPlace | None  # None: the caller's own key tells repeats
    quota: JobQuota | None = None  # what the owner has left, where the job counted against a limit
    sends_pictures: bool = False  # the answer carries the files of the pictures
    _is_open: bool = field(default=True, init=False)
    _early: EarlyReads | None = field(default=None, init=False)

    @property
    def headers(self) -> dict[str, str]:
        """Returns the header with the job's id, for every answer about the job."""
        return {JOB_HEADER: self.record.id}

    def wait(self) -> FinishedJob:
        """Returns the job once it has succeeded.

        Raises the job's own error if it ended otherwise, NotReadyInTime when the caller's time is over,
        ClientGone when its connection was closed, and TooManyWaiting when the process has no place for
        another caller.
        """
        services = self.services
        waited = wait_for_end(
            self.record,
            self.until,
            watcher=services.watcher,
            store=services.store,
            pool=services.pool,
            is_abandoned=self.is_abandoned,
            on_end=self._begin_reading,
        )
        if waited is None:
            raise TooManyWaiting(job_id=self.record.id)
        return self._finish(waited)

    def _begin_reading(self) -> None:
        self._early = EarlyReads(self.services, self.record, with_picture=self.sends_pictures)

    def updates(self) -> Iterator[JobRecord | None]:
        """Yields the job's record each time that it has changed, as ``follow_job``; then call ``finish``."""
        for record in follow_job(self.services, self.record, self.until, self.is_abandoned):
            self.record = record or self.record
            yield record

    def finish(self) -> FinishedJob:
        """Returns the job after the last of ``updates``. Raises what ``wait`` raises."""
        return self._finish(self.record)

    def _finish(self, record: JobRecord) -> FinishedJob:
        self.record = record
        if record.state.is_terminal:
            return finished_job(self.services, record, self._early)
        if self.is_abandoned():
            raise ClientGone(job_id=record.id)
        raise NotReadyInTime(job_id=record.id)

    def deliver(
        self, chunks: Iterable[bytes], mimetype: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Returns the response that sends ``chunks`` and then notes that the caller has its answer."""
        response = Response(self._delivering(chunks), mimetype=mimetype)
        response.headers.update(headers or {})
        response.headers.update(self.headers)
        response.call_on_close(self.close)
        return response

    def _delivering(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        yield from chunks
        self.close(is_answered=True)

    def close(self, *, is_answered: bool = False) -> None:
        """Notes whether the caller got the answer; a second call has no effect."""
        if self._is_open:
            self._is_open = False
            if self.place is not None:
                self.place.close(is_answered=is_answered)


def begin_job(
    services: Services,
    owner: str,
    request: JobRequest,
    hints: WaitHints,
    *,
    dialect: str,
    is_abandoned: Callable[[], bool],
    check_plan: Callable[[JobPlan], None] | None = None,
    arrived: float | None = None,
    sends_pictures: bool = False,
) -> SynchronousJob:
    """Returns the job of the request: the one that an equal request began before, or a new one.

    ``check_plan`` may refuse the job once its size is known and before anything is written.
    ``sends_pictures``: the answer will carry the pictures' files. Raises what ``admit_job`` raises.
    """
    place = None
    while True:
        if hints.idempotency_key is None:
            place = _take_place(services, owner, request, hints, is_abandoned)
        try:
            admitted = admit_job(
                services,
                request,
                owner,
                idempotency_key=place.key if place else hints.idempotency_key,
                is_new_key=place is not None and place.is_new,
                check_plan=check_plan,
            )
            break
        except Deleted:
            if place is None:
                raise
            place.give_up()  # its job was deleted since: an equal request is a new one
        except BaseException as error:
            if place:  # a refusal is the answer; what another try can mend is none, and its repeat goes on
                place.close(is_answered=not isinstance(error, Transient))
            raise
    record = admitted.record
    log("job.admitted", job_id=record.id, task=request.task, created=admitted.created, dialect=dialect)
    until = (monotonic() if arrived is None else arrived) + hints.seconds
    return SynchronousJob(
        services, record, until, is_abandoned, place, admitted.quota, sends_pictures=sends_pictures
    )


def _take_place(
    services: Services,
    owner: str,
    request: JobRequest,
    hints: WaitHints,
    is_abandoned: Callable[[], bool],
) -> RequestPlace:
    return take_place(
        services.jobs,
        owner,
        request_hash(request),
        is_repeat=hints.is_repeat,
        has_seed=request.seed is not None,
        is_abandoned=is_abandoned,
    )
