"""What a job's labels tell the mock engine to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.contract.errors import InvalidRequest

STEPS = 4
FAILURES = ("transient", "permanent", "out_of_memory", "blocked", "crash", "hang")
_MOST = 86_400


@dataclass(frozen=True)
class Script:
    """What the labels of a job tell the mock to do."""

    seconds: float
    steps: int
    fail: str
    fail_attempts: int | None
    attempt: int

    @classmethod
    def read(cls, labels: Mapping[str, str]) -> Script:
        """Raises InvalidRequest naming the label that cannot be followed."""
        fail = labels.get("mock.fail", "")
        if fail and fail not in FAILURES:
            raise InvalidRequest(f"labels.mock.fail: say one of {', '.join(FAILURES)}.")
        attempts = _number(labels, "mock.fail_attempts", 0)
        return cls(
            seconds=_number(labels, "mock.seconds", 0),
            steps=max(1, int(_number(labels, "mock.steps", STEPS))),
            fail=fail,
            fail_attempts=int(attempts) if "mock.fail_attempts" in labels else None,
            attempt=int(_number(labels, "mock.attempt", 1)),
        )

    @property
    def failing(self) -> bool:
        """Whether this attempt is one that fails."""
        return bool(self.fail) and (self.fail_attempts is None or self.attempt <= self.fail_attempts)


def _number(labels: Mapping[str, str], label: str, default: float) -> float:
    try:
        value = float(labels.get(label, default))
    except ValueError:
        value = -1.0
    if not 0 <= value <= _MOST:
        raise InvalidRequest(f"labels.{label}: say a number from 0 to {_MOST}.")
    return value
