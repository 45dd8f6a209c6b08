"""Variables that name secrets."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError

from functions.contract.settings import SettingsError
from worker.runtime.secret_values import secret_manager_access, with_secrets

NAME = "projects/demo/secrets/plantain-watermark-key/versions/3"
VALUE = "ab" * 32


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Secret Manager's REST surface with one secret in it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == f"/v1/{NAME}:access"
            payload = {"name": NAME, "payload": {"data": base64.b64encode(VALUE.encode()).decode()}}
            self.send_response(200 if found else 403)
            self.end_headers()
            self.wfile.write(json.dumps(payload if found else {"error": {"code": 403}}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    def default(**_: object) -> tuple[AnonymousCredentials, str]:
        return AnonymousCredentials(), "demo"

    monkeypatch.setattr(google.auth, "default", default)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_what_names_no_secret_stays_and_no_service_is_asked() -> None:
    environment = {"PLANTAIN_PROJECT": "demo", "PLANTAIN_WATERMARK_KEY": VALUE}
    assert with_secrets(environment) == environment


def test_a_secret_is_read_by_its_name(secrets: str) -> None:
    environment = {"PLANTAIN_PROJECT": "demo", "PLANTAIN_WATERMARK_KEY": f"sm://{NAME}"}
    found = with_secrets(environment, secret_manager_access(secrets))
    assert found == {"PLANTAIN_PROJECT": "demo", "PLANTAIN_WATERMARK_KEY": VALUE}


@pytest.mark.parametrize("name", ["projects/demo/secrets/other/versions/1", "plantain-watermark-key", ""])
def test_one_that_cannot_be_read_is_named_by_its_variable(secrets: str, name: str) -> None:
    with pytest.raises(SettingsError, match="PLANTAIN_WATERMARK_KEY"):
        with_secrets({"PLANTAIN_WATERMARK_KEY": f"sm://{name}"}, secret_manager_access(secrets))


def test_an_identity_that_is_missing_is_no_stack_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def default(**_: object) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr(google.auth, "default", default)
    with pytest.raises(SettingsError, match=r"PLANTAIN_WATERMARK_KEY.*DefaultCredentialsError"):
        with_secrets({"PLANTAIN_WATERMARK_KEY": f"sm://{NAME}"})
