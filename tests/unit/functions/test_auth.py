"""Who calls."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from functions.api.auth import owner_of
from functions.contract.errors import Unauthenticated
from functions.contract.settings import Settings

KEYS = {hashlib.sha256(b"ada-key").hexdigest(): "ada", hashlib.sha256(b"bob-key").hexdigest().upper(): "bob"}


def caller(headers: dict[str, str], **fields: Any) -> str:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    return owner_of(Headers(headers), Settings.model_validate({"project": "p", **buckets, **fields}))


def token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"Bearer e30.{body}.SIGNATURE_REMOVED_BY_GOOGLE"


ADA = {"email": "ada@example.com", "email_verified": True, "sub": "1"}


@pytest.mark.parametrize(
    ("headers", "owner"),
    [
        ({"X-API-Key": "ada-key"}, "ada"),
        ({"Authorization": "Bearer bob-key"}, "bob"),
        ({"authorization": "bearer  ada-key "}, "ada"),
        ({"X-API-Key": "ada-key", "Authorization": token(**ADA)}, "ada"),
    ],
)
def test_a_key_names_its_owner(headers: dict[str, str], owner: str) -> None:
    assert caller(headers, api_keys=KEYS) == owner


@pytest.mark.parametrize("profile", ["local", "production"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "ada"},
        {"X-API-Key": "käse"},
        {"X-API-Key": next(iter(KEYS))},
        {"Authorization": "Basic YWRhLWtleQ=="},
        {"Authorization": token(**ADA)},
    ],
)
def test_where_there_are_keys_nothing_else_is_believed(headers: dict[str, str], profile: str) -> None:
    with pytest.raises(Unauthenticated):
        caller(headers, api_keys=KEYS, profile=profile)


def test_a_laptop_without_keys_has_one_caller() -> None:
    assert caller({}, profile="local") == "local"
    assert caller({"Authorization": token(**ADA)}, profile="local") == "local"


def test_in_the_cloud_the_verified_token_says_who_it_is() -> None:
    assert caller({"Authorization": token(**ADA)}) == "ada@example.com"
    assert caller({"Authorization": token(sub="42")}) == "42"


def test_an_address_that_nobody_verified_is_no_name() -> None:
    claims = {**ADA, "email_verified": False}
    assert caller({"Authorization": token(**claims)}) == "1"


def test_of_two_tokens_the_one_that_cloud_run_checks_counts() -> None:
    headers = {"Authorization": token(**ADA), "X-Serverless-Authorization": token(sub="eve")}
    assert caller(headers) == "eve"


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer e30.e30.x", "Bearer e30.Ww.x", token(sub=7)]
)
def test_what_is_no_token_is_nobody(value: str) -> None:
    with pytest.raises(Unauthenticated):
        caller({"Authorization": value})
