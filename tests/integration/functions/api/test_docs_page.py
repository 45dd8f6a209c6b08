"""/docs: a page that needs no key and no other host, under the policy of all pages."""

from __future__ import annotations

import hashlib
import re

import pytest

from functions.api_docs.page import FILES
from functions.http_edge.page_headers import content_policy
from tests.integration.functions.deployment import Deployment


@pytest.fixture
def keyed(deployment: Deployment) -> Deployment:
    """A deployment that answers no caller without a key."""
    return deployment.replace(api_keys={hashlib.sha256(b"secret").hexdigest(): "ada"})


def named_files(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/docs/[^"]+)"', page)


def test_the_page_and_its_files_need_no_key_and_have_one_policy(keyed: Deployment) -> None:
    page = keyed.client.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    files = {name: keyed.client.get(name) for name in named_files(page.text)}
    assert len(files) == 5
    for answer in (page, *files.values()):
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"] == content_policy(keyed.settings)
    assert keyed.client.get("/v1/jobs").status_code == 401


def test_the_viewer_is_sent_compressed_and_kept_by_browsers(deployment: Deployment) -> None:
    path = f"/docs/{FILES.fingerprint}/vendor/swagger-ui-bundle.js"
    answer = deployment.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.data) < 600_000


def test_nothing_in_the_page_is_inline_or_of_another_host(deployment: Deployment) -> None:
    page = deployment.client.get("/docs").text
    assert re.findall(r"<style|\bstyle=|\bon[a-z]+=|javascript:|<script(?![^>]*\bsrc=)|https?://", page) == []
    for name in ("docs.js", "docs.css"):
        assert "://" not in FILES.files[name].data.decode()


def test_the_licences_of_the_viewer_are_there(deployment: Deployment) -> None:
    licence = deployment.client.get(f"/docs/{FILES.fingerprint}/vendor/swagger-ui.LICENSE.txt")
    assert "Apache License" in licence.text


def test_a_deployment_may_have_no_page(deployment: Deployment) -> None:
    hidden = deployment.replace(api_docs=False).client
    for path in ("/docs", f"/docs/{FILES.fingerprint}/docs.js"):
        answer = hidden.get(path)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
