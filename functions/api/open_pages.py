"""The pages that need no caller: each is the same for everyone, and what it shows comes from the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response
from werkzeug.routing import Map

from ..api_docs.page import show_docs, show_docs_file
from ..studio.page import show_studio, show_studio_file
from .description.description_page import show_description
from .matched_rule import MatchedRule

PageHandler = Callable[..., Response]
"""Takes the request, the settings, and what the route names."""

_HANDLERS: Mapping[str, PageHandler] = {
    "description.show": show_description,
    "docs.page": show_docs,
    "docs.file": show_docs_file,
    "studio.page": show_studio,
    "studio.file": show_studio_file,
}
OPEN_PAGES = Map(
    [
        MatchedRule("/openapi.json", endpoint="description.show", methods=["GET"]),
        MatchedRule("/docs", endpoint="docs.page", methods=["GET"]),
        MatchedRule("/docs/<fingerprint>/<path:name>", endpoint="docs.file", methods=["GET"]),
        MatchedRule("/", endpoint="studio.page", methods=["GET"]),
        MatchedRule("/studio/<fingerprint>/<path:name>", endpoint="studio.file", methods=["GET"]),
    ],
    strict_slashes=False,
    merge_slashes=False,
)


def is_open_page(path: str) -> bool:
    """Returns True for the address of a page or of one of its files."""
    return OPEN_PAGES.bind("").test(path, "GET")


def page_handler(endpoint: str) -> PageHandler:
    """Returns the handler of an endpoint of ``OPEN_PAGES``."""
    return _HANDLERS[endpoint]
