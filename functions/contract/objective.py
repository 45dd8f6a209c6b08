"""Judges a job's end by the service level objectives. docs/operations.md states them."""

from __future__ import annotations

from typing import Literal

from .errors import PlantainError
from .manifest import Manifest
from .states import State

Deadline = Literal["met", "missed", "excluded"]


def judge_deadline(manifest: Manifest) -> Deadline:
    """Returns whether the service kept the job's deadline.

    ======================================  ============
    how the job ended                       counts as
    ======================================  ============
    succeeded or blocked, in time           ``met``
    succeeded or blocked, too late          ``missed``
    expired, or failed through our fault    ``missed``
    canceled, or failed through the input   ``excluded``
    ======================================  ============

    An error whose HTTP status is below 500 is the input's: a picture that cannot be read, an empty mask.
    """
    match manifest.state:
        case State.SUCCEEDED | State.BLOCKED:
            return "met" if manifest.ended <= manifest.origin.deadline else "missed"
        case State.FAILED if _is_the_inputs(manifest):
            return "excluded"
        case State.CANCELED:
            return "excluded"
        case _:
            return "missed"


def seconds_to_start(manifest: Manifest) -> float | None:
    """Returns the seconds from the request until a worker first took the job; None where none did."""
    began = next((step.at for step in manifest.origin.history if step.state is State.RUNNING), None)
    if began is None:
        return None
    return round((began - manifest.origin.created).total_seconds(), 3)


def _is_the_inputs(manifest: Manifest) -> bool:
    """Returns True for an error of the caller's. A code that this version does not know is ours."""
    if manifest.error is None:
        return False
    error = PlantainError.tree().get(manifest.error.code)
    return error is not None and error.status < 500
