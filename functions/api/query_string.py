"""The query string, parsed as strictly as a body."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from ..contract.errors import InvalidRequest
from ..contract.states import State
from ..contract.validation.messages import shown_name

MAX_LIMIT = 100
_LABEL = re.compile(r"([a-z][a-z0-9_.-]{0,62}):([^\x00-\x1f\x7f]{0,63})")


@dataclass(frozen=True)
class JobQuery:
    """The query of ``GET /v1/jobs``."""

    state: State | None
    labels: dict[str, str]
    limit: int
    cursor: str | None
    text: str | None = None
    details: bool = False


@dataclass(frozen=True)
class PageQuery:
    """The query of a listing without filters."""

    limit: int
    cursor: str | None


def single_value(arguments: MultiDict[str, str], name: str) -> str | None:
    """Returns the parameter's value; None without one. Raises InvalidRequest if it is given twice: readers
    differ in which one counts.
    """
    values = arguments.getlist(name)
    if len(values) > 1:
        raise InvalidRequest("The parameter is given twice.", field=shown_name(name))
    return values[0] if values else None


def single_values(arguments: MultiDict[str, str]) -> dict[str, str]:
    """Returns all parameters. Raises InvalidRequest if one is given twice."""
    return {name: single_value(arguments, name) or "" for name in arguments}


def _check_names(arguments: MultiDict[str, str], known: Collection[str]) -> None:
    for name in arguments:
        if name not in known:
            raise InvalidRequest("There is no such parameter.", field=shown_name(name))


def read_page_query(arguments: MultiDict[str, str]) -> PageQuery:
    """Parses ``limit`` and ``cursor``. Raises InvalidRequest with the parameter at fault."""
    _check_names(arguments, ("limit", "cursor"))
    given = single_values(arguments)
    return PageQuery(_read_limit(given.get("limit", "50")), given.get("cursor") or None)


def read_job_query(arguments: MultiDict[str, str]) -> JobQuery:
    """Parses the query of a listing of jobs. Raises InvalidRequest with the parameter at fault."""
    _check_names(arguments, ("state", "label", "limit", "cursor", "text", "details"))
    others = MultiDict(arguments)
    labels = others.poplist("label")
    given = single_values(others)
    return JobQuery(
        state=_read_state(given.get("state")),
        labels=_read_labels(labels),
        limit=_read_limit(given.get("limit", "50")),
        cursor=given.get("cursor") or None,
        text=given.get("text", "").strip() or None,
        details=_read_truth(given.get("details", "false"), "details"),
    )


def _read_truth(text: str, name: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidRequest("It is true or false.", field=name)
    return text == "true"


def read_download(arguments: MultiDict[str, str]) -> bool:
    """Parses ``download``, which is false where it is not given. Raises InvalidRequest."""
    _check_names(arguments, ("download",))
    return _read_truth(single_values(arguments).get("download", "false"), "download")


def read_preview_size(arguments: MultiDict[str, str], default: int, most: int) -> int:
    """Parses ``size``, the longer side of a preview. Raises InvalidRequest."""
    _check_names(arguments, ("size",))
    text = single_values(arguments).get("size", str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 16 <= int(text) <= most):
        raise InvalidRequest(f"The size is 16 to {most}.", field="size")
    return int(text)


def _read_state(text: str | None) -> State | None:
    if text is None:
        return None
    try:
        return State(text)
    except ValueError:
        raise InvalidRequest(f"A state is one of {', '.join(State)}.", field="state") from None


def _read_labels(texts: list[str]) -> dict[str, str]:
    labels = dict(_read_label(text) for text in texts)
    if len(labels) < len(texts):
        raise InvalidRequest("A label is asked for twice: no job has two values of one.", field="label")
    return labels


def _read_label(text: str) -> tuple[str, str]:
    found = _LABEL.fullmatch(text)
    if not found:
        raise InvalidRequest("Name a label as key:value.", field="label")
    return found[1], found[2]


def _read_limit(text: str) -> int:
    if not (
        text.isascii()
        and text.isdigit()
        and len(text) <= 3
        and 1 <= int(text) <= MAX_LIMIT
        and text[0] != "0"
    ):
        raise InvalidRequest(f"The limit is 1 to {MAX_LIMIT}.", field="limit")
    return int(text)
