"""URLs that are good for a while."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.credentials import Credentials
from google.cloud import storage
from google.oauth2 import service_account

from functions.contract.settings import Settings
from functions.signed_urls import build_url_signer

ACCOUNT = "api@demo.iam.gserviceaccount.com"


def settings(**fields: str) -> Settings:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    return Settings.model_validate({"project": "demo", **buckets, **fields})


@pytest.fixture(scope="module")
def key_file() -> service_account.Credentials:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    info = {"client_email": ACCOUNT, "token_uri": "https://example.com/token", "private_key": pem.decode()}
    return service_account.Credentials.from_service_account_info(info)


def test_a_key_file_signs_by_itself(
    key_file: service_account.Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    client = storage.Client(project="demo", credentials=key_file)
    url = urlsplit(build_url_signer(client, settings())("results", "job_x/0.png", "GET"))
    query = parse_qs(url.query)
    assert url.path == "/results/job_x/0.png"
    assert query["X-Goog-Expires"] == ["900"]
    assert query["X-Goog-Credential"][0].startswith(ACCOUNT)


def test_without_a_key_iam_signs_in_the_account_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Metadata(Credentials):
        def refresh(self, request: object) -> None:
            self.token = "a token of the metadata server"

    def default(scopes: tuple[str, ...]) -> tuple[Credentials, str]:
        return Metadata(), "demo"

    asked: list[tuple[str, str]] = []

    def sign(message: str, access_token: str, email: str, *_: object) -> str:
        asked.append((access_token, email))
        return "00ff"

    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setattr("google.auth.default", default)
    monkeypatch.setattr("google.cloud.storage._signing._sign_message", sign)
    client = storage.Client(project="demo", credentials=Metadata())
    signer = build_url_signer(client, settings(signing_account=ACCOUNT))
    url = signer("uploads", "api/x/up_y", "PUT", {"Content-Type": "image/png"})
    assert asked == [("a token of the metadata server", ACCOUNT)]
    assert parse_qs(urlsplit(url).query)["X-Goog-SignedHeaders"] == ["content-type;host"]


@pytest.mark.parametrize("host", ["http://127.0.0.1:9023", "127.0.0.1:9023"])
def test_an_emulator_needs_no_signature(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", host)
    client = storage.Client.create_anonymous_client()
    url = build_url_signer(client, settings())("uploads", "api/a b/ü?#", "PUT")
    assert url.startswith("http://127.0.0.1:9023/uploads/api/a%20b/%C3%BC%3F%23?X-Goog-")
