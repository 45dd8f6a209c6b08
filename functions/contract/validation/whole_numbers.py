"""Whole numbers that are one of a few."""

from __future__ import annotations


def check_whole(value: object) -> object:
    """Returns the value. Raises ValueError for 8.0, which a Literal accepts as 8."""
    if type(value) is not int:
        raise ValueError("must be a whole number")
    return value
