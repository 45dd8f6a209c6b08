"""Answers with the studio's page and its files. Neither needs a key: what they show, the API answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Request, Response

from ..contract.errors import NotFound
from ..contract.settings import Settings
from ..http_edge.page_headers import add_file_headers, add_page_headers
from ..http_edge.static_files import StaticFile, StaticFiles, answer_file

FILES = StaticFiles(Path(__file__).parent / "static")
_PAGE = "index.html"
_ADDRESS_OF_FILES = "{{files}}"  # in the page, for the address below which its files are


def show_studio(request: Request, settings: Settings) -> Response:
    """Answers with the page. Raises NotFound where the deployment has none."""
    _check_it_is_on(settings)
    return add_page_headers(answer_file(request, _studio_page()), settings)


def show_studio_file(request: Request, settings: Settings, fingerprint: str, name: str) -> Response:
    """Answers with a file of the page. Raises NotFound."""
    _check_it_is_on(settings)
    return add_file_headers(FILES.answer(request, name, fingerprint))


@cache
def _studio_page() -> StaticFile:
    """Returns the page, with the addresses of its files in it."""
    text = FILES.files[_PAGE].data.decode()
    return StaticFile(_PAGE, text.replace(_ADDRESS_OF_FILES, f"/studio/{FILES.fingerprint}").encode())


def _check_it_is_on(settings: Settings) -> None:
    if not settings.studio:
        raise NotFound("This deployment has no page: its API is at /v1.")
