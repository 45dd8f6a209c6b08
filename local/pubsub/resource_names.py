"""Names of topics and subscriptions, and lists of them in pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from local.pubsub.errors import InvalidArgument

DELETED_TOPIC = "_deleted-topic_"
"""The name that a subscription shows for a deleted topic."""

_ID = r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}"
_TOPIC = re.compile(rf"projects/[^/]+/topics/{_ID}")
_SNAPSHOT = re.compile(rf"projects/[^/]+/snapshots/{_ID}")
_SUBSCRIPTION = re.compile(rf"projects/[^/]+/subscriptions/{_ID}")


def check_topic(name: str) -> str:
    """Returns the name. Raises InvalidArgument unless it is ``projects/{project}/topics/{topic}``."""
    return _check_name(_TOPIC, name)


def check_subscription(name: str) -> str:
    """Returns the name. Raises InvalidArgument unless it is ``projects/{project}/subscriptions/{id}``."""
    return _check_name(_SUBSCRIPTION, name)


def check_snapshot(name: str) -> str:
    """Returns the name. Raises InvalidArgument unless it is ``projects/{project}/snapshots/{id}``."""
    return _check_name(_SNAPSHOT, name)


def names_of_project(project: str, names: Iterable[str]) -> list[str]:
    """Returns the names that belong to ``projects/{project}``, sorted."""
    return sorted(name for name in names if name.startswith(f"{project}/"))


def page_of_names(names: list[str], size: int, token: str) -> tuple[list[str], str]:
    """Returns one page of sorted names and the token of the next page, which is empty on the last.

    The token is the last name of the page before, so that names that are created or deleted between two calls
    neither hide nor repeat others.
    """
    if size < 0:
        raise InvalidArgument(f"page_size must not be negative: {size}.")
    rest = [name for name in names if name > token]
    shown = rest[: size or None]
    return shown, shown[-1] if len(shown) < len(rest) else ""


def _check_name(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name):
        raise InvalidArgument(f"Invalid resource name given (name={name}).")
    return name
