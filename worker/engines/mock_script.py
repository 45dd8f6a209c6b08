"""The script of the mock engine, which a job's labels contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.contract.errors import InvalidRequest

STEPS = 4
FAILURES = ("transient", "permanent", "out_of_memory", "blocked", "crash", "hang")
_MAX = 86_400


@dataclass(frozen=True)
class MockScript:
    """The duration, the steps and the failures of a mock drawing."""

    seconds: float
    steps: int
    fail: str
    fail_attempts: int | None
    attempt: int

    @classmethod
    def from_labels(cls, labels: Mapping[str, str], seconds: float = 0) -> MockScript:
        """Parses the labels; without one for it, the duration is ``seconds``.

        Raises InvalidRequest, which names the label that cannot be followed.
        """
        fail = labels.get("mock.fail", "")
        if fail and fail not in FAILURES:
            raise InvalidRequest(f"labels.mock.fail: say one of {', '.join(FAILURES)}.")
        attempts = _parse_number(labels, "mock.fail_attempts", 0)
        return cls(
            seconds=_parse_number(labels, "mock.seconds", seconds),
            steps=max(1, int(_parse_number(labels, "mock.steps", STEPS))),
            fail=fail,
            fail_attempts=int(attempts) if "mock.fail_attempts" in labels else None,
            attempt=int(_parse_number(labels, "mock.attempt", 1)),
        )

    @property
    def fails_now(self) -> bool:
        """True if this attempt fails."""
        return bool(self.fail) and (self.fail_attempts is None or self.attempt <= self.fail_attempts)


def _parse_number(labels: Mapping[str, str], label: str, default: float) -> float:
    try:
        value = float(labels.get(label, default))
    except ValueError:
        value = -1.0
    if not 0 <= value <= _MAX:
        raise InvalidRequest(f"labels.{label}: say a number from 0 to {_MAX}.")
    return value
