"""Maps a service's failure to one of our errors. Its text is not repeated: it may quote the prompt."""

from __future__ import annotations

from ...contract.errors import PlantainError, ScreeningRefused, ScreeningUnavailable

_TRY_AGAIN = frozenset({408, 409, 425, 429, 499})


def error_for_status(name: str, status: int) -> PlantainError:
    """Returns the error for an answer that is not 200."""
    if status >= 500 or status in _TRY_AGAIN:
        return ScreeningUnavailable(f"{name} answered with {status}.")
    return ScreeningRefused(f"{name} refused with {status}: check its model or template, and our role there.")


def no_usable_answer(name: str, why: str) -> ScreeningUnavailable:
    """Returns the error for an answer that is missing or not understood."""
    return ScreeningUnavailable(f"{name} gave no usable answer: {why}.")
