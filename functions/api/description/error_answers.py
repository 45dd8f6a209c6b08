"""The answers of an endpoint that are errors: one for each status, with the codes that it may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from ...contract.errors import PlantainError
from .error_groups import OF_EVERY_CALL, Errors
from .operation import Operation


def error_kinds(operation: Operation) -> Errors:
    """Returns every error that the endpoint may answer with: those named, and their kinds of one status."""
    named = (*OF_EVERY_CALL, *operation.errors)
    return tuple(dict.fromkeys(kind for each in named for kind in _kinds_of(each, each.status)))


def _kinds_of(error: type[PlantainError], status: int) -> Iterator[type[PlantainError]]:
    if error.status == status:
        yield error
    if error is not PlantainError:  # the root alone stands for an error inside Plantain
        for kind in error.__subclasses__():
            yield from _kinds_of(kind, status)


def error_answers(kinds: Errors, status_of: Callable[[PlantainError], int]) -> dict[int, str]:
    """Returns what each status means, by the statuses of one dialect."""
    titles: dict[int, list[str]] = defaultdict(list)
    for kind in kinds:
        titles[status_of(kind())].append(f"`{kind.code}`: {kind.title}.")
    return {status: "\n".join(dict.fromkeys(found)) for status, found in sorted(titles.items())}
