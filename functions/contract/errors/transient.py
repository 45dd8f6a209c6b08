"""Errors that another try can mend."""

from __future__ import annotations

from ..job_quota import JobQuota
from .base import PlantainError


class Transient(PlantainError):
    """A service did not work this time."""

    code, status, title, retryable = "unavailable", 503, "Try again", True
    remedy = "Send the same request again after `Retry-After` seconds."


class LimitReached(Transient):
    """The owner has as many jobs, or has sent as many bytes, as the deployment allows."""

    code, status, title = "limit_reached", 429, "A limit of yours is reached"
    remedy = (
        "Send the same request again after `Retry-After` seconds, or ask the operator for a higher limit."
    )

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        quota: JobQuota | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Takes the quota that is used up, where it is one of jobs."""
        super().__init__(message, field=field)
        self.quota = quota
        self.retry_after = quota.reset if quota else retry_after


class BodiesBusy(Transient):
    """Other requests use the memory or the processor time that there is for reading bodies."""

    code, title = "bodies_busy", "Too many requests at once"
    remedy = "Send the same request again after `Retry-After` seconds, or the pictures as uploads."


class RequestTimeout(Transient):
    """The request's body did not arrive in time."""

    code, status, title = "request_timeout", 408, "The request did not arrive in time"
    remedy = "Send the request again, over a faster connection or with the pictures as uploads."


class ScreeningUnavailable(Transient):
    """The classifier does not answer, and what was not screened does not continue."""

    code, title = "screening_unavailable", "The classifier does not answer"
    remedy = "Send the same request again later."


class EngineFailed(Transient):
    """The engine stopped or was lost while it worked."""

    code, title = "engine_failed", "The engine failed"
    remedy = "Nothing: the job is tried again by itself."


class MemoryBusy(Transient):
    """Other pictures use the memory that this one needs to be decoded."""

    code, title = "memory_busy", "The memory is taken at present"


class SignerUnavailable(Transient):
    """The service that holds the signing key, or the time stamp service, does not answer."""

    code, title = "signer_unavailable", "The signer does not answer"
    remedy = "Nothing: the job is tried again by itself."


class Overtaken(Transient):
    """Another writer changed the object first; read it again."""

    code, status, title = "overtaken", 409, "Another writer was first"
    remedy = "Read the object again and repeat the change."


class HandedBack(Transient):
    """The worker is shutting down; another worker continues the job."""

    code, title = "handed_back", "The worker is shutting down"
    remedy = "Nothing: another worker goes on with the job."


class LeaseLost(Transient):
    """Another worker has the job now; the results of this one are discarded."""

    code, title = "lease_lost", "The lease was lost"
    remedy = "Nothing: another worker goes on with the job."


class StillWaiting(Transient):
    """The job ``job_id`` goes on, and the caller has no answer from this request."""

    code, title = "still_waiting", "The job is not ready"
    remedy = "Send the same request again: it finds the job. Or look at the job by its id."

    def __init__(self, message: str | None = None, *, field: str | None = None, job_id: str = "") -> None:
        super().__init__(message or f"{self.title}; its id is {job_id}." if job_id else message, field=field)
        self.job_id = job_id or None


class NotReadyInTime(StillWaiting):
    """The time that the caller waits was over before the job had ended."""

    code, status, title = "not_ready_in_time", 504, "The job was not ready in time and goes on"


class ClientGone(StillWaiting):
    """The caller closed its connection before the job had ended."""

    code, status, title = "client_gone", 499, "The connection was closed, and the job goes on"


class TooManyWaiting(StillWaiting):
    """As many callers wait for their jobs as this process has threads for."""

    code, title = "too_many_waiting", "Too many callers wait at once, and the job goes on"
