"""Who calls."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from functions.api.auth import find_caller
from functions.contract.errors import InvalidKey, NotConfigured, Unauthenticated
from functions.contract.settings import Settings, SettingsError
from tests.unit.functions.api.iap_signer import ADA as ADA_BY_IAP
from tests.unit.functions.api.iap_signer import AUDIENCE, running_iap

KEYS = {hashlib.sha256(b"ada-key").hexdigest(): "ada", hashlib.sha256(b"bob-key").hexdigest().upper(): "bob"}


def caller(headers: dict[str, str], **fields: Any) -> str:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    settings = {"project": "p", "invoker_check": True, **buckets, **fields}
    return find_caller(Headers(headers), Settings.model_validate(settings)).owner


def token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"Bearer e30.{body}.SIGNATURE_REMOVED_BY_GOOGLE"


ADA: dict[str, Any] = {"email": "ada@example.com", "email_verified": True, "sub": "1"}


@pytest.mark.parametrize(
    ("headers", "owner"),
    [
        ({"X-API-Key": "ada-key"}, "ada"),
        ({"Authorization": "Bearer bob-key"}, "bob"),
        ({"authorization": "bearer  ada-key "}, "ada"),
        ({"Authorization": "Basic " + base64.b64encode(b"anyone:ada-key").decode()}, "ada"),
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


@pytest.mark.parametrize("gateways", [{}, {"gateway@p.iam.gserviceaccount.com": "X-Apigateway-Api-Userinfo"}])
def test_where_cloud_run_checks_no_token_none_is_believed(gateways: dict[str, str]) -> None:
    forged = {"Authorization": token(**ADA)}
    with pytest.raises(NotConfigured, match="PLANTAIN_INVOKER_CHECK"):
        caller(forged, invoker_check=False, gateways=gateways)


def test_keys_need_no_check_by_cloud_run() -> None:
    assert caller({"X-API-Key": "ada-key"}, api_keys=KEYS, invoker_check=False) == "ada"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "ada-key", "x-goog-api-key": "bob-key"},
        {"X-API-Key": "ada-key", "api-key": "wrong"},
        {"x-goog-api-key": "wrong", "api-key": "bob-key"},
        {"Authorization": "Bearer ada-key", "X-Forwarded-Authorization": "Bearer bob-key"},
    ],
)
def test_two_different_keys_are_no_key(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidKey, match="two different"):
        caller(headers, api_keys=KEYS)


def test_one_key_in_several_headers_is_one_key() -> None:
    assert caller({"X-API-Key": "ada-key", "x-goog-api-key": "ada-key"}, api_keys=KEYS) == "ada"


@pytest.mark.parametrize(
    ("headers", "is_sent"),
    [
        ({}, False),
        ({"X-API-Key": ""}, False),
        ({"Authorization": token(**ADA)}, False),
        ({"X-API-Key": "wrong"}, True),
        ({"Authorization": "Bearer wrong"}, True),
        ({"Authorization": "Basic " + base64.b64encode(b"anyone:wrong").decode()}, True),
    ],
)
def test_a_wrong_key_is_told_from_none(headers: dict[str, str], is_sent: bool) -> None:
    with pytest.raises(Unauthenticated) as refused:
        caller(headers, api_keys=KEYS)
    assert isinstance(refused.value, InvalidKey) is is_sent
    assert "wrong" not in refused.value.message


def test_a_laptop_without_keys_has_one_caller() -> None:
    assert caller({}, profile="local") == "local"
    assert caller({"Authorization": token(**ADA)}, profile="local") == "local"


def test_in_the_cloud_the_verified_token_says_who_it_is() -> None:
    assert caller({"Authorization": token(**ADA)}) == "ada@example.com"
    assert caller({"Authorization": token(sub="42")}) == "42"


def test_an_address_that_is_not_verified_is_no_name() -> None:
    claims = {**ADA, "email_verified": False}
    assert caller({"Authorization": token(**claims)}) == "1"


def test_of_two_tokens_the_one_that_cloud_run_checks_counts() -> None:
    headers = {"Authorization": token(**ADA), "X-Serverless-Authorization": token(sub="eve")}
    assert caller(headers) == "eve"


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer e30.e30.x", "Bearer e30.Ww.x", token(sub=7)]
)
def test_what_is_no_token_names_no_caller(value: str) -> None:
    with pytest.raises(Unauthenticated):
        caller({"Authorization": value})


def test_what_stands_where_cloud_run_looks_first_counts_even_if_it_is_no_token() -> None:
    with pytest.raises(Unauthenticated):
        caller({"Authorization": token(**ADA), "X-Serverless-Authorization": "Basic x"})
    with pytest.raises(Unauthenticated):
        caller({"Authorization": token(**ADA), "X-Serverless-Authorization": ""})


IAP_AGENT = token(email="service-1@gcp-sa-iap.iam.gserviceaccount.com", email_verified=True)


def test_behind_iap_each_caller_is_an_owner_and_not_the_proxy() -> None:
    with running_iap() as iap:
        behind = {"iap_audience": AUDIENCE, "iap_keys_url": iap.url}
        for name in ("ada", "bob"):
            claims = {**ADA_BY_IAP, "email": f"{name}@example.com"}
            headers = {
                "X-Serverless-Authorization": IAP_AGENT,
                "X-Goog-IAP-JWT-Assertion": iap.sign(**claims),
            }
            assert caller(headers, **behind) == f"{name}@example.com"


@pytest.mark.parametrize("keys", [{}, KEYS])
def test_behind_iap_a_call_around_it_is_refused(keys: dict[str, str]) -> None:
    headers = {
        "Authorization": token(**ADA),
        "X-API-Key": "ada-key",
        "X-Goog-Authenticated-User-Email": "accounts.google.com:ada@example.com",
    }
    with pytest.raises(Unauthenticated):
        caller(headers, iap_audience=AUDIENCE, api_keys=keys)


def test_behind_iap_a_key_still_names_its_owner() -> None:
    with running_iap() as iap:
        headers = {"X-Goog-IAP-JWT-Assertion": iap.sign(**ADA_BY_IAP), "X-API-Key": "bob-key"}
        behind = {"iap_audience": AUDIENCE, "iap_keys_url": iap.url, "api_keys": KEYS}
        assert caller(headers, **behind) == "bob"
        with pytest.raises(Unauthenticated):
            caller({"X-Goog-IAP-JWT-Assertion": iap.sign(**ADA_BY_IAP)}, **behind)


def test_without_iap_its_headers_are_anybodys() -> None:
    headers = {"Authorization": token(**ADA), "X-Goog-IAP-JWT-Assertion": token(sub="eve").split()[1]}
    assert caller(headers) == "ada@example.com"


GATEWAY = "gateway@p.iam.gserviceaccount.com"
BY_GATEWAY = token(email=GATEWAY, email_verified=True)
USER_INFO = "X-Apigateway-Api-Userinfo"


def user_info(padding: str = "", **claims: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + padding


@pytest.mark.parametrize(
    ("claims", "owner"),
    [
        ({"iss": "https://accounts.google.com", **ADA}, "ada@example.com"),
        ({"iss": "https://accounts.google.com", "sub": "42"}, "42"),
        ({"iss": "https://securetoken.google.com/p", **ADA}, "https://securetoken.google.com/p#1"),
    ],
)
@pytest.mark.parametrize("padding", ["", "=", "=="])
def test_a_gateway_names_its_caller(claims: dict[str, Any], owner: str, padding: str) -> None:
    headers = {"Authorization": BY_GATEWAY, USER_INFO: user_info(padding, **claims)}
    assert caller(headers, gateways={GATEWAY: USER_INFO}) == owner


@pytest.mark.parametrize(
    "value",
    ["", "x", "W10", user_info(), user_info(sub="1"), user_info(iss="https://a"), user_info(iss=3, sub="1")],
)
def test_a_gateway_that_names_no_caller_is_none_itself(value: str) -> None:
    with pytest.raises(Unauthenticated):
        caller({"Authorization": BY_GATEWAY, USER_INFO: value}, gateways={GATEWAY: USER_INFO})


def test_who_is_no_gateway_calls_for_no_other() -> None:
    eve = user_info(iss="https://accounts.google.com", **ADA)
    headers = {"Authorization": token(email="eve@example.com", email_verified=True), USER_INFO: eve}
    assert caller(headers) == "eve@example.com"
    assert caller(headers, gateways={GATEWAY: USER_INFO}) == "eve@example.com"
    assert caller({**headers, "Authorization": BY_GATEWAY}) == GATEWAY


def test_a_gateway_is_believed_in_its_own_header_alone() -> None:
    eve = user_info(iss="https://accounts.google.com", **ADA)
    headers = {"Authorization": BY_GATEWAY, "X-Endpoint-API-UserInfo": eve}
    with pytest.raises(Unauthenticated):
        caller(headers, gateways={GATEWAY: USER_INFO})


def test_a_key_is_found_where_a_gateway_puts_it() -> None:
    headers = {"Authorization": BY_GATEWAY, "X-Forwarded-Authorization": "Bearer bob-key"}
    assert caller(headers, api_keys=KEYS) == "bob"
    assert (
        caller({"X-Forwarded-Authorization": token(**ADA), "Authorization": "Bearer ada-key"}, api_keys=KEYS)
        == "ada"
    )


def test_a_wrong_key_is_not_mended_by_another_header() -> None:
    with pytest.raises(Unauthenticated):
        caller({"X-API-Key": "x", "Authorization": "Bearer ada-key"}, api_keys=KEYS)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PLANTAIN_IAP_AUDIENCE", "/projects/p/global/backendServices/1"),
        ("PLANTAIN_IAP_AUDIENCE", "*"),
        ("PLANTAIN_GATEWAYS", '{"ada@example.com": "X-User"}'),
        ("PLANTAIN_GATEWAYS", '{"g@p.iam.gserviceaccount.com": "Authorization"}'),
    ],
)
def test_a_front_door_that_cannot_be_is_told_at_the_start(variable: str, value: str) -> None:
    environment = {f"PLANTAIN_{name}_BUCKET": name.lower() for name in ("UPLOADS", "RESULTS", "JOBS")}
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({"PLANTAIN_PROJECT": "p", **environment, variable: value})
