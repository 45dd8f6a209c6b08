"""The query string, parsed as strictly as a body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from ..contract.errors import InvalidRequest
from ..contract.states import State

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


def read_page_query(arguments: MultiDict[str, str]) -> PageQuery:
    """Parses ``limit`` and ``cursor``. Raises InvalidRequest with the parameter at fault."""
    for name in arguments:
        if name not in ("limit", "cursor"):
            raise InvalidRequest("There is no such parameter.", field=name)
        if len(arguments.getlist(name)) > 1:
            raise InvalidRequest("The parameter is given twice.", field=name)
    return PageQuery(_read_limit(arguments.get("limit", "50")), arguments.get("cursor") or None)


def read_job_query(arguments: MultiDict[str, str]) -> JobQuery:
    """Parses the query of a listing of jobs. Raises InvalidRequest with the parameter at fault."""
    for name in arguments:
        if name not in ("state", "label", "limit", "cursor", "text", "details"):
            raise InvalidRequest("There is no such parameter.", field=name)
        if name != "label" and len(arguments.getlist(name)) > 1:
            raise InvalidRequest("The parameter is given twice.", field=name)
    return JobQuery(
        state=_read_state(arguments.get("state")),
        labels=_read_labels(arguments.getlist("label")),
        limit=_read_limit(arguments.get("limit", "50")),
        cursor=arguments.get("cursor") or None,
        text=arguments.get("text", "").strip() or None,
        details=_read_truth(arguments.get("details", "false"), "details"),
    )


def _read_truth(text: str, name: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidRequest("It is true or false.", field=name)
    return text == "true"


def read_download(arguments: MultiDict[str, str]) -> bool:
    """Parses ``download``, which is false where it is not given. Raises InvalidRequest."""
    for name in arguments:
        if name != "download":
            raise InvalidRequest("There is no such parameter.", field=name)
        if len(arguments.getlist(name)) > 1:
            raise InvalidRequest("The parameter is given twice.", field=name)
    return _read_truth(arguments.get("download", "false"), "download")


def read_preview_size(arguments: MultiDict[str, str], default: int, most: int) -> int:
    """Parses ``size``, the longer side of a preview. Raises InvalidRequest."""
    for name in arguments:
        if name != "size":
            raise InvalidRequest("There is no such parameter.", field=name)
    text = arguments.get("size", str(default))
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
