"""On Vertex AI: no key, but the worker's own identity, as Google's libraries find it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from functions.contract.errors import ModelUnavailable, Transient
from tests.unit.worker.engines.gemini.drawing import build_brief, go_on
from tests.unit.worker.engines.gemini.service import Answer, Service, failed
from worker.engines.gemini.engine import TRIES, GeminiEngine

MODEL = "gemini-3-pro-image"


@pytest.fixture
def identity(google: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account whose tokens the service itself hands out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    account = {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "k1",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "worker@demo.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": f"{google.url}/token",
    }
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


def vertex(google: Service) -> GeminiEngine:
    return GeminiEngine(
        MODEL, project="demo", location="europe-west4", url=google.url, seconds=30, first_pause=0.01
    )


@pytest.mark.usefixtures("identity")
def test_the_models_name_has_its_project_and_place(google: Service) -> None:
    engine = vertex(google)
    engine.load()
    picture = engine.diffuse(engine.encode(build_brief()), 3, go_on)
    (heard,) = google.heard
    place = "projects/demo/locations/europe-west4/publishers/google"
    assert heard.path == f"/v1beta1/{place}/models/{MODEL}:generateContent"
    assert heard.headers["authorization"] == "Bearer a-token"
    assert "x-goog-api-key" not in heard.headers
    assert heard.config["seed"] == 3
    assert picture.shape == (64, 64, 3)


@pytest.mark.usefixtures("identity")
def test_a_role_that_lacks_is_the_setups_fault(google: Service) -> None:
    google.script = [failed(403, "PERMISSION_DENIED")]
    engine = vertex(google)
    with pytest.raises(ModelUnavailable, match="key or role"):
        engine.diffuse(engine.encode(build_brief()), 1, go_on)


@pytest.mark.usefixtures("identity")
def test_an_identity_that_is_refused_is_not_tried_again(google: Service) -> None:
    google.token_answers = [Answer(400, b'{"error": "invalid_grant"}')] * TRIES
    engine = vertex(google)
    with pytest.raises(ModelUnavailable, match="identity"):
        engine.diffuse(engine.encode(build_brief()), 1, go_on)
    assert len(google.token_answers) == TRIES - 1


def test_an_engine_without_a_project_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/missing.json")
    with pytest.raises(ModelUnavailable, match="identity"):
        GeminiEngine(project="").load()


def test_no_identity_is_the_setups_fault(
    google: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    engine = vertex(google)
    with pytest.raises(ModelUnavailable):
        engine.diffuse(engine.encode(build_brief()), 1, go_on)


@pytest.mark.usefixtures("identity")
def test_a_busy_service_is_left_to_the_queue_here_as_well(google: Service) -> None:
    google.script = [failed(429, "RESOURCE_EXHAUSTED")] * TRIES
    engine = vertex(google)
    with pytest.raises(Transient, match="quota"):
        engine.diffuse(engine.encode(build_brief()), 1, go_on)
