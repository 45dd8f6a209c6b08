"""What an owner has left of a limit of jobs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JobQuota:
    """A limit of jobs, as the request that counted against it, or that it refused, left it."""

    limit: int
    remaining: int  # jobs that may be made now, at least
    reset: int  # seconds until another one may be made
