"""Cancels jobs. The request to cancel is in the record: the worker that leases the job stops, else
it ends here.
"""

from __future__ import annotations

from ..contract.errors import Canceled, IllegalTransition
from ..contract.job import JobRecord
from ..contract.states import State
from ..services import Services


def cancel_job(services: Services, job_id: str) -> JobRecord:
    """Returns the job as it is now: canceling while a worker leases it, else canceled.

    Canceling twice has the effect of once. Raises NotFound, and IllegalTransition for a job that ended
    otherwise.
    """
    record = services.store.change(job_id, _with_cancel_requested).record
    if record.state is State.CANCELING and is_leased(record):
        services.store.put_in_index(record)
    elif record.state is State.CANCELING:
        services.committer.end(record, State.CANCELED, Canceled().facts())
        record = services.store.read(job_id).record
    if record.state.is_terminal and record.state is not State.CANCELED:
        raise IllegalTransition(f"The job has ended already: it {_describe_end(record.state)}.")
    return record


def is_leased(record: JobRecord) -> bool:
    """Returns True while a worker has the job's lease."""
    return record.lease is not None and record.lease.is_live()


def _with_cancel_requested(record: JobRecord) -> JobRecord | None:
    if record.state is State.CANCELING or record.state.is_terminal:
        return None
    return record.moved(State.CANCELING, "the caller asked")


def _describe_end(state: State) -> str:
    return str(state) if state in (State.SUCCEEDED, State.FAILED, State.EXPIRED) else f"was {state}"
