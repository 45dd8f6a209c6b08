"""The headers that tell what a caller has left of a limit of jobs. The names are OpenAI's:
https://platform.openai.com/docs/guides/rate-limits.
"""

from __future__ import annotations

from ..contract.job_quota import JobQuota

_LIMIT, _REMAINING = "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests"
_RESET = "x-ratelimit-reset-requests"
QUOTA_HEADERS = {
    _LIMIT: "How many jobs a minute, or at once, the caller may have; only where there is a limit.",
    _REMAINING: "How many may be made now, at least.",
    _RESET: "Until another one may be made, such as `12s`.",
}
"""The headers, with their meanings."""


def quota_headers(quota: JobQuota | None) -> dict[str, str]:
    """Returns the headers; none for a request that counts against no limit of jobs."""
    if quota is None:
        return {}
    return {_LIMIT: str(quota.limit), _REMAINING: str(quota.remaining), _RESET: f"{quota.reset}s"}
