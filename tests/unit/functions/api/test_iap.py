"""The assertions of Identity-Aware Proxy."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Generator
from typing import Any

import pytest

from functions.api import iap as module
from functions.api.iap import IapVerifier
from functions.contract.errors import Transient, Unauthenticated
from tests.unit.functions.api.iap_signer import ADA, AUDIENCE, IapSigner, running_iap

PROJECT = "/projects/123/global/backendServices/*"


@pytest.fixture
def iap() -> Generator[IapSigner]:
    with running_iap() as running:
        yield running


@pytest.mark.parametrize("audience", [AUDIENCE, PROJECT])
def test_a_google_account_is_named_by_its_address(iap: IapSigner, audience: str) -> None:
    assert IapVerifier(audience, iap.url).caller(iap.sign(**ADA)) == "ada@example.com"


def test_an_address_that_another_issuer_vouches_for_is_no_name(iap: IapSigner) -> None:
    subject = "securetoken.google.com/other:7"
    assert IapVerifier(AUDIENCE, iap.url).caller(iap.sign(sub=subject, email="ada@example.com")) == subject


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "/projects/123/global/backendServices/7"},
        {"aud": "/projects/9/global/backendServices/456"},
        {"aud": "/projects/123/apps/x"},
        {"aud": [AUDIENCE]},
        {"aud": "/projects/123/global/backendServices/"},
        {"iss": "https://accounts.google.com"},
        {"exp": int(time.time()) - 3_600, "iat": int(time.time()) - 7_200},
        {"iat": int(time.time()) + 3_600, "exp": int(time.time()) + 7_200},
        {"sub": ""},
        {"sub": None},
    ],
)
def test_an_assertion_that_is_not_for_us_now_names_no_caller(iap: IapSigner, claims: dict[str, Any]) -> None:
    assertion = iap.sign(**{**ADA, **claims})
    with pytest.raises(Unauthenticated):
        IapVerifier(AUDIENCE, iap.url).caller(assertion)


@pytest.mark.parametrize(
    "audience",
    [
        "/projects/9/global/backendServices/456",
        "/projects/123/global/backendServices/",
        "/projects/123/apps/x",
    ],
)
def test_any_backend_service_is_any_of_our_own_project(iap: IapSigner, audience: str) -> None:
    with pytest.raises(Unauthenticated):
        IapVerifier(PROJECT, iap.url).caller(iap.sign(**{**ADA, "aud": audience}))


def test_what_another_signed_names_no_caller(iap: IapSigner) -> None:
    with pytest.raises(Unauthenticated):
        IapVerifier(AUDIENCE, iap.url).caller(IapSigner().sign(**ADA))


def test_a_changed_claim_names_no_caller(iap: IapSigner) -> None:
    header, _, signature = iap.sign(**ADA).split(".")
    claims = {**ADA, "email": "eve@example.com", "aud": AUDIENCE, "iss": "https://cloud.google.com/iap"}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    with pytest.raises(Unauthenticated):
        IapVerifier(AUDIENCE, iap.url).caller(f"{header}.{forged}.{signature}")


def test_an_unsigned_assertion_names_no_caller(iap: IapSigner) -> None:
    _, claims, _ = iap.sign(**ADA).split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    with pytest.raises(Unauthenticated):
        IapVerifier(AUDIENCE, iap.url).caller(f"{header}.{claims}.")


@pytest.mark.parametrize("assertion", [None, "", "x", "a.b.c", "käse.x.y", "e30.e30.e30", "W10.e30.e30"])
def test_what_is_no_assertion_names_no_caller(iap: IapSigner, assertion: str | None) -> None:
    with pytest.raises(Unauthenticated):
        IapVerifier(AUDIENCE, iap.url).caller(assertion)


def test_the_keys_are_asked_for_once(iap: IapSigner) -> None:
    verifier = IapVerifier(AUDIENCE, iap.url)
    for _ in range(3):
        verifier.caller(iap.sign(**ADA))
    assert iap.asked == 1


def test_a_new_key_is_asked_for_and_unknown_ones_do_not_ask_for_ever(
    iap: IapSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = IapVerifier(AUDIENCE, iap.url)
    verifier.caller(iap.sign(**ADA))
    iap.add_key("k2")
    with pytest.raises(Unauthenticated):  # it was asked for a moment ago
        verifier.caller(iap.sign("k2", **ADA))
    assert iap.asked == 1
    monkeypatch.setattr(module, "_KEYS_WAIT", -1.0)
    assert verifier.caller(iap.sign("k2", **ADA)) == "ada@example.com"
    assert iap.asked == 2


def test_without_keys_no_caller_is_refused_for_good(iap: IapSigner) -> None:
    iap.status = 500
    verifier = IapVerifier(AUDIENCE, iap.url)
    for _ in range(2):
        with pytest.raises(Transient):
            verifier.caller(iap.sign(**ADA))
    assert iap.asked == 1


def test_keys_that_are_known_outlive_an_outage(iap: IapSigner, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = IapVerifier(AUDIENCE, iap.url)
    verifier.caller(iap.sign(**ADA))
    iap.status = 500
    monkeypatch.setattr(module, "_KEYS_LAST", -1.0)
    assert verifier.caller(iap.sign(**ADA)) == "ada@example.com"
    assert iap.asked == 2
