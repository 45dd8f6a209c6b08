"""A page's files: what a browser may keep, what it need not fetch again, and what is not served."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask, Response, request

from functions.contract.errors import NotFound
from functions.http_edge.static_files import StaticFiles

SCRIPT = "export const words = 'a picture'; // " + "long " * 200


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    folder = tmp_path / "static"
    (folder / "views").mkdir(parents=True)
    (folder / "app.js").write_text(SCRIPT)
    (folder / "views" / "make.js").write_text("export {}")
    (folder / "index.html").write_text('<script src="{{files}}/app.js"></script>')
    (folder / "notes.md").write_text("not for browsers")
    (tmp_path / "secret.js").write_text("outside")
    return StaticFiles(folder, "site")


def answer(files: StaticFiles, name: str, fingerprint: str | None = None, **headers: str) -> Response:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    with Flask("page").test_request_context("/", headers=sent):
        return files.answer(request, name, fingerprint)


def test_a_file_is_sent_as_it_lies_there(files: StaticFiles) -> None:
    plain = answer(files, "app.js")
    assert plain.get_data(as_text=True) == SCRIPT
    assert plain.content_type == "text/javascript; charset=utf-8"
    assert "Content-Encoding" not in plain.headers


def test_the_page_names_its_files_by_their_content(files: StaticFiles) -> None:
    assert files.page.data.decode() == f'<script src="/site/{files.fingerprint}/app.js"></script>'
    assert files.page.content_type == "text/html; charset=utf-8"


def test_a_browser_gets_it_compressed(files: StaticFiles) -> None:
    packed = answer(files, "app.js", Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.get_data()).decode() == SCRIPT
    assert "Content-Encoding" not in answer(files, "views/make.js", Accept_Encoding="gzip").headers


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_what_the_browser_has_is_not_sent_again(files: StaticFiles, encoding: str) -> None:
    tag = answer(files, "app.js", Accept_Encoding=encoding).headers["ETag"]
    again = answer(files, "app.js", Accept_Encoding=encoding, If_None_Match=tag)
    assert again.status_code == 304


def test_it_is_kept_for_ever_under_the_address_of_its_content_alone(files: StaticFiles) -> None:
    assert "immutable" in answer(files, "app.js", files.fingerprint).headers["Cache-Control"]
    assert answer(files, "app.js", "of-another-release").headers["Cache-Control"] == "no-cache"


def test_another_content_has_another_address(files: StaticFiles, tmp_path: Path) -> None:
    before = files.fingerprint
    (tmp_path / "static" / "views" / "make.js").write_text("export { }")
    assert StaticFiles(tmp_path / "static", "site").fingerprint != before


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "notes.md",
        "views",
        "../secret.js",
        "views/../app.js",
        "/app.js",
        "./app.js",
        "app.js\0",
        "",
    ],
)
def test_nothing_else_is_served(files: StaticFiles, name: str) -> None:
    with pytest.raises(NotFound):
        answer(files, name)
