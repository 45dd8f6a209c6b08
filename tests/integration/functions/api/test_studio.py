"""The studio's page: open to everyone, with one policy, and off where the deployment says so."""

from __future__ import annotations

import hashlib
import re

import pytest

from functions.http_edge.page_headers import content_policy
from tests.integration.functions.deployment import Deployment

KEYS = {hashlib.sha256(b"secret").hexdigest(): "ada"}


@pytest.fixture
def keyed(deployment: Deployment) -> Deployment:
    """A deployment that answers no caller without a key."""
    return deployment.replace(api_keys=KEYS)


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page)


def test_the_page_needs_no_key_and_what_it_shows_does(keyed: Deployment) -> None:
    page = keyed.client.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert keyed.client.get("/v1/jobs").status_code == 401


def test_each_file_that_the_page_names_is_there_and_kept_by_browsers(keyed: Deployment) -> None:
    named = addresses(keyed.client.get("/").text)
    assert len(named) >= 3
    for address in named:
        file = keyed.client.get(address)
        assert file.status_code == 200, address
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_page_itself_is_asked_for_again_and_not_sent_again(keyed: Deployment) -> None:
    page = keyed.client.get("/")
    assert page.headers["Cache-Control"] == "no-cache"
    again = keyed.client.get("/", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_has_the_site_s_policy_and_a_file_by_itself_may_do_nothing(keyed: Deployment) -> None:
    page = keyed.client.get("/")
    assert page.headers["Content-Security-Policy"] == content_policy(keyed.settings)
    for file in map(keyed.client.get, addresses(page.text)):
        assert file.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_in_the_page_is_inline_or_of_another_host(keyed: Deployment) -> None:
    page = keyed.client.get("/").text
    assert all(address.startswith("/studio/") for address in addresses(page))
    assert re.findall(r"<style|\bstyle=|\bon[a-z]+=|javascript:|<script(?![^>]*\bsrc=)", page) == []


@pytest.mark.parametrize(
    "path",
    ["/studio/x/nothing.js", "/studio/x/../page.py", "/studio/x/%2e%2e/page.py", "/studio/x/", "/studio"],
)
def test_what_is_no_file_of_the_page_is_a_problem_document(deployment: Deployment, path: str) -> None:
    answer = deployment.client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_other_methods_are_refused(deployment: Deployment) -> None:
    answer = deployment.client.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert deployment.client.open("/", method="HEAD").data == b""
    assert deployment.client.open("/", method="OPTIONS").status_code == 204


def test_a_deployment_can_do_without_it(deployment: Deployment) -> None:
    off = deployment.replace(studio=False)
    named = addresses(deployment.client.get("/").text)
    assert {off.client.get(path).status_code for path in ("/", *named)} == {404}
    assert off.client.get("/v1/jobs").status_code == 200
