"""Answers with the page at ``/docs`` and its files. Neither needs a key: both show the description alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Request, Response

from ..contract.errors import NotFound
from ..contract.settings import Settings
from ..http_edge.page_headers import add_page_headers
from ..http_edge.static_files import StaticFile, StaticFiles, answer_file

FILES = StaticFiles(Path(__file__).parent / "static")
_PAGE = "index.html"
_ADDRESS_OF_FILES = "{{files}}"  # in the page, for the address below which its files are


def show_docs(request: Request, settings: Settings) -> Response:
    """Answers with the page. Raises NotFound where the deployment has none."""
    check_docs_are_on(settings)
    return add_page_headers(answer_file(request, _docs_page()), settings)


def show_docs_file(request: Request, settings: Settings, fingerprint: str, name: str) -> Response:
    """Answers with a file of the page. Raises NotFound."""
    check_docs_are_on(settings)
    return add_page_headers(FILES.answer(request, name, fingerprint), settings)


def check_docs_are_on(settings: Settings) -> None:
    """Raises NotFound where the deployment does not describe itself."""
    if not settings.api_docs:
        raise NotFound("This deployment does not show its description.")


@cache
def _docs_page() -> StaticFile:
    """Returns the page, with the addresses of its files in it."""
    text = FILES.files[_PAGE].data.decode()
    return StaticFile(_PAGE, text.replace(_ADDRESS_OF_FILES, f"/docs/{FILES.fingerprint}").encode())
