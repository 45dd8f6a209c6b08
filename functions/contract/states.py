"""A job's states and the only transitions between them. All code that changes a state asks here."""

from __future__ import annotations

from enum import StrEnum

from .errors import IllegalTransition


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    CANCELING = "canceling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def is_terminal(self) -> bool:
        """Returns True for a state that is written once and never changes."""
        return self in TERMINAL


TERMINAL = frozenset({State.SUCCEEDED, State.FAILED, State.BLOCKED, State.CANCELED, State.EXPIRED})

# A job that is being canceled may still end otherwise: a manifest that is already committed stands.
# A worker that hands its job back (SIGTERM, a transient failure) returns it to the queue.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELING}) | TERMINAL,
    State.RUNNING: frozenset({State.QUEUED, State.RUNNING, State.CANCELING}) | TERMINAL,
    State.CANCELING: frozenset({State.CANCELING}) | TERMINAL,
} | {state: frozenset[State]() for state in TERMINAL}


def check_transition(old: State, new: State) -> State:
    """Returns ``new`` if a job may change to it from ``old``. Raises IllegalTransition otherwise."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(f"A job that is {old} cannot become {new}.")
    return new
