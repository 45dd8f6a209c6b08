"""Keys of a list at the door: scopes, expiry, revocation, and a list that is broken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.contract.api_keys import keys_file
from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import KeyEntry, KeyList
from functions.contract.api_keys.key_text import NewKey, make_key
from functions.contract.document import now
from tests.integration.functions.api.test_keys import DIALECTS, OF_EACH_DIALECT, said
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.log_lines import LogLines
from tests.recorded import Recorded

JOB = {"task": "generate", "prompt": "a boat", "size": "512"}


class KeyedDeployment:
    """A deployment with a list of keys in a file."""

    def __init__(self, deployment: Deployment, path: Path) -> None:
        self.path = path
        self.listed = KeyList()
        self.deployment = deployment.replace(api_keys_file=str(path))
        self.path.write_bytes(self.listed.encode())

    def add(self, owner: str = "ada", **fields: Any) -> NewKey:
        key = make_key()
        entry = {"sha256": digest_key(key.text), "owner": owner, "created": now(), **fields}
        self.listed = self.listed.with_entry(key.id, KeyEntry.model_validate(entry))
        self.write(self.listed.encode())
        return key

    def write(self, data: bytes) -> None:
        self.path.write_bytes(data)

    def status(self, key: NewKey, method: str = "GET", path: str = "/v1/jobs", **call: Any) -> int:
        return self.deployment.client.open(
            path, method=method, headers={"X-API-Key": key.text}, **call
        ).status_code


@pytest.fixture
def keyed(deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyedDeployment:
    monkeypatch.setattr(keys_file, "SECONDS", 0.0)  # each request reads the list
    return KeyedDeployment(deployment, tmp_path / "keys.json")


def test_a_key_of_the_list_names_its_owner(keyed: KeyedDeployment, recorded: Recorded) -> None:
    key = keyed.add("ada", name="batch machine")
    assert keyed.status(key, "POST", json=JOB) == 202
    (job,) = keyed.deployment.client.get("/v1/jobs", headers={"X-API-Key": key.text}).json["jobs"]
    assert keyed.deployment.record(job["id"]).owner == "ada"
    told = [span.attributes for span in recorded.spans if span.name == "POST jobs.create"]
    assert [attributes and attributes["plantain.key_id"] for attributes in told] == [key.id]
    assert not [span for span in recorded.spans if key.text in span.to_json()]


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        (("read",), {"read"}),
        (("generate",), {"generate"}),
        (("admin",), {"admin"}),
        (("read", "generate"), {"read", "generate"}),
        (("read", "generate", "admin"), {"read", "generate", "admin"}),
    ],
)
def test_a_key_may_do_what_its_scopes_say(
    keyed: KeyedDeployment, scopes: tuple[str, ...], may: set[str]
) -> None:
    key = keyed.add(scopes=scopes)
    tried = {
        "read": ("GET", "/v1/jobs", None),
        "generate": ("POST", "/v1/jobs", JOB),
        "admin": ("GET", "/v1/webhook-secret", None),
    }
    answered = {
        scope: keyed.status(key, method, path, json=body) for scope, (method, path, body) in tried.items()
    }
    assert {scope for scope, status in answered.items() if status < 300} == may
    assert {status for status in answered.values() if status >= 300} <= {403}


@OF_EACH_DIALECT
def test_a_missing_scope_is_told_in_the_dialect_s_words(keyed: KeyedDeployment, dialect: str) -> None:
    key = keyed.add(scopes=("read",))
    answer = keyed.deployment.client.post(DIALECTS[dialect], json={}, headers={"X-API-Key": key.text})
    assert answer.status_code == 403
    assert said(answer) == "This needs the scope generate, and the API key has read."
    if dialect == "gemini":
        assert answer.json["error"]["status"] == "PERMISSION_DENIED"
    assert keyed.deployment.objects() == set()


@OF_EACH_DIALECT
def test_a_revoked_or_expired_key_is_told_why(keyed: KeyedDeployment, dialect: str) -> None:
    revoked = keyed.add(revoked=now())
    expired = keyed.add(expires=now() - timedelta(seconds=1))
    for key, word in ((revoked, "revoked"), (expired, "expired")):
        answer = keyed.deployment.client.post(DIALECTS[dialect], json={}, headers={"X-API-Key": key.text})
        assert answer.status_code == (400 if dialect == "gemini" else 401)
        assert word in said(answer)


def test_an_empty_list_lets_no_one_in(keyed: KeyedDeployment) -> None:
    assert keyed.deployment.client.get("/v1/jobs").status_code == 401
    assert keyed.deployment.client.get("/readyz").json["status"] == "ready"


def test_a_key_is_revoked_while_the_api_runs(keyed: KeyedDeployment) -> None:
    key = keyed.add()
    assert keyed.status(key) == 200
    entry = keyed.listed.keys[key.id].model_copy(update={"revoked": now()})
    keyed.write(keyed.listed.with_entry(key.id, entry).encode())
    assert keyed.status(key) == 401


@pytest.mark.parametrize("broken", [b"", b"not a list", b'{"keys": {"x": 1}}'])
def test_a_broken_list_opens_nothing_and_closes_nothing(
    keyed: KeyedDeployment, broken: bytes, log_lines: LogLines
) -> None:
    key, stranger = keyed.add(), make_key()
    assert keyed.status(key) == 200
    keyed.write(broken)
    assert (keyed.status(key), keyed.status(stranger)) == (200, 401)
    assert keyed.deployment.client.get("/v1/jobs").status_code == 401
    ready = keyed.deployment.client.get("/readyz")
    assert ready.status_code == 200
    assert "older list" in ready.json["warning"]
    assert log_lines.of("keys.unreadable")[0]["kept"] is True


def test_without_any_list_there_is_no_service(
    deployment: Deployment, tmp_path: Path, log_lines: LogLines
) -> None:
    lost = deployment.replace(api_keys_file=str(tmp_path / "none.json"))
    assert lost.client.get("/v1/jobs", headers={"X-API-Key": make_key().text}).status_code == 503
    assert lost.client.get("/readyz").status_code == 503
    assert lost.client.get("/healthz").status_code == 200
    assert log_lines.of("keys.unreadable")[0]["kept"] is False


def test_keys_of_the_settings_and_of_the_list_count_side_by_side(keyed: KeyedDeployment) -> None:
    key = keyed.add("ada")
    both = keyed.deployment.replace(api_keys={digest_key("old"): "bob"})
    assert both.client.get("/v1/jobs", headers={"X-API-Key": key.text}).status_code == 200
    assert both.client.get("/v1/jobs", headers={"X-API-Key": "old"}).status_code == 200
    assert both.client.get("/v1/jobs", headers={"X-API-Key": "other"}).status_code == 401
