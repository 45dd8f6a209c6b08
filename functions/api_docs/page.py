"""Answers with the page at ``/docs`` and its files. Neither needs a key: both show the description alone."""

from __future__ import annotations

from pathlib import Path

from flask import Request, Response

from ..contract.errors import NotFound
from ..contract.settings import Settings
from ..http_edge.page_headers import add_page_headers
from ..http_edge.static_files import StaticFiles, answer_file

FILES = StaticFiles(Path(__file__).parent / "static", "docs")


def show_docs(request: Request, settings: Settings) -> Response:
    """Answers with the page. Raises NotFound where the deployment has none."""
    check_docs_are_on(settings)
    return add_page_headers(answer_file(request, FILES.page), settings)


def show_docs_file(request: Request, settings: Settings, fingerprint: str, name: str) -> Response:
    """Answers with a file of the page. Raises NotFound."""
    check_docs_are_on(settings)
    return add_page_headers(FILES.answer(request, name, fingerprint), settings)


def check_docs_are_on(settings: Settings) -> None:
    """Raises NotFound where the deployment does not describe itself."""
    if not settings.api_docs:
        raise NotFound("This deployment does not show its description.")
