"""Answers with the studio's page and its files. Neither needs a key: what they show, the API answers."""

from __future__ import annotations

from pathlib import Path

from flask import Request, Response

from ..contract.errors import NotFound
from ..contract.settings import Settings
from ..http_edge.page_headers import add_file_headers, add_page_headers
from ..http_edge.static_files import StaticFiles, answer_file

FILES = StaticFiles(Path(__file__).parent / "static", "studio")


def show_studio(request: Request, settings: Settings) -> Response:
    """Answers with the page. Raises NotFound where the deployment has none."""
    _check_it_is_on(settings)
    return add_page_headers(answer_file(request, FILES.page), settings)


def show_studio_file(request: Request, settings: Settings, fingerprint: str, name: str) -> Response:
    """Answers with a file of the page. Raises NotFound."""
    _check_it_is_on(settings)
    return add_file_headers(FILES.answer(request, name, fingerprint))


def _check_it_is_on(settings: Settings) -> None:
    if not settings.studio:
        raise NotFound("This deployment has no page: its API is at /v1.")
