"""Keys at the door of every dialect: wrong ones, several, and those in an address."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from functions.api import application
from functions.contract.api_keys.digests import digest_key
from tests.integration.functions.deployment import Answer, Deployment
from tests.integration.functions.log_lines import LogLines
from tests.recorded import Recorded

OWNERS = {digest_key("ada-key"): "ada", digest_key("bob-key"): "bob"}
DIALECTS = {
    "own": "/v1/jobs",
    "openai": "/v1/images/generations",
    "gemini": "/v1beta/models/mock:generateContent",
    "sdwebui": "/sdapi/v1/txt2img",
}
KEYS = ("ada-key", "secret-but-wrong")
OF_EACH_DIALECT = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.fixture
def keyed(deployment: Deployment) -> Deployment:
    return deployment.replace(api_keys=OWNERS)


def said(answer: Answer) -> str:
    """What the answer tells a person."""
    body = answer.json
    error = body.get("error")
    return error["message"] if isinstance(error, dict) else body["detail"]


@OF_EACH_DIALECT
def test_a_wrong_key_is_told_so_and_no_key_is_asked_for(keyed: Deployment, dialect: str) -> None:
    for headers in ({"X-API-Key": "not-a-key"}, {"Authorization": "Bearer not-a-key"}):
        wrong = keyed.client.post(DIALECTS[dialect], json={}, headers=headers)
        assert wrong.status_code == (400 if dialect == "gemini" else 401)
        assert said(wrong).startswith("The API key is not valid.")
        assert "not-a-key" not in wrong.text
    none = keyed.client.post(DIALECTS[dialect], json={})
    assert none.status_code == 401
    assert said(none).startswith("Send an API key")


def test_each_dialect_has_its_own_code_for_a_wrong_key(keyed: Deployment) -> None:
    answers = {
        dialect: keyed.client.post(path, json={}, headers={"x-api-key": "no"}).json
        for dialect, path in DIALECTS.items()
    }
    assert answers["own"]["code"] == "invalid_api_key"
    assert answers["sdwebui"]["error"] == "invalid_api_key"
    openai = answers["openai"]["error"]
    assert (openai["type"], openai["code"]) == ("invalid_request_error", "invalid_api_key")
    gemini = answers["gemini"]["error"]
    assert (gemini["code"], gemini["status"]) == (400, "INVALID_ARGUMENT")
    assert gemini["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {},
        }
    ]


@OF_EACH_DIALECT
def test_keys_of_two_owners_in_one_request_are_refused(keyed: Deployment, dialect: str) -> None:
    headers = {"X-API-Key": "ada-key", "x-goog-api-key": "bob-key"}
    answer = keyed.client.post(DIALECTS[dialect], json={}, headers=headers)
    assert answer.status_code == (400 if dialect == "gemini" else 401)
    assert said(answer) == "The request has two different API keys: send one."
    assert keyed.objects() == set()


def test_a_proxy_s_own_token_beside_the_key_is_left_alone(keyed: Deployment) -> None:
    for authorization in ("Bearer e30.e30.signature", "Basic " + base64.b64encode(b"proxy:pw").decode()):
        headers = {"X-API-Key": "ada-key", "Authorization": authorization}
        assert keyed.client.get("/v1/jobs", headers=headers).status_code == 200


# A key in the address. ---------------------------------------------------------------------------------


@OF_EACH_DIALECT
@pytest.mark.parametrize("name", ["key", "%6bey", "ke%79"])
def test_a_key_in_the_address_is_refused(keyed: Deployment, dialect: str, name: str) -> None:
    answer = keyed.client.post(f"{DIALECTS[dialect]}?alt=sse&{name}=ada-key", json={})
    assert answer.status_code == (400 if dialect == "gemini" else 401)
    assert "in its query string" in said(answer)
    assert "ada-key" not in answer.text + str(answer.headers)


def test_a_key_in_the_address_counts_where_it_is_allowed(keyed: Deployment) -> None:
    allowed = keyed.replace(key_in_query=True)
    for path in ("/v1/jobs", "/v1beta/models", "/v1/models", "/sdapi/v1/options", "/v1/files"):
        assert allowed.client.get(f"{path}?key=ada-key").status_code == 200, path
        assert allowed.client.get(f"{path}?key=wrong").status_code in (400, 401), path
        both = allowed.client.get(f"{path}?key=ada-key", headers={"X-API-Key": "bob-key"})
        assert both.status_code in (400, 401), path
    assert allowed.client.get("/v1/jobs?limit=1&key=ada-key").status_code == 200
    assert allowed.client.get("/v1/jobs?limit=0&key=ada-key").json["field"] == "limit"


@pytest.mark.parametrize("key_in_query", [True, False])
def test_a_key_in_the_address_is_in_no_log_and_no_trace(
    keyed: Deployment,
    recorded: Recorded,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    key_in_query: bool,
) -> None:
    asked = keyed.replace(key_in_query=key_in_query)
    sampled = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    for path in (*DIALECTS.values(), "/v1/nothing", "/readyz"):
        for key in KEYS:
            asked.client.post(f"{path}?key={key}", json={}, headers=sampled)
            asked.client.get(f"{path}?key={key}", headers=sampled)

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(application, "find_caller", crash)
    address = f"/v1/jobs?key={KEYS[0]}"  # a trace shows the lines of this test as well
    assert asked.client.get(address, headers=sampled).status_code == 500
    assert log_lines.of("api.internal_error")
    assert recorded.spans
    seen = "".join(span.to_json() for span in recorded.spans) + log_lines.text() + "".join(capfd.readouterr())
    assert not [key for key in KEYS if key in seen]


# A deployment that nothing guards. ---------------------------------------------------------------------


def forged_token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"Bearer e30.{body}.SIGNATURE_REMOVED_BY_GOOGLE"


ADA = {"Authorization": forged_token(email="ada@example.com", email_verified=True)}


@OF_EACH_DIALECT
@pytest.mark.parametrize("gateways", [{}, {"g@p.iam.gserviceaccount.com": "X-Apigateway-Api-Userinfo"}])
def test_an_unguarded_deployment_answers_no_one(
    deployment: Deployment, dialect: str, gateways: dict[str, str]
) -> None:
    unguarded = deployment.replace(profile="production", gateways=gateways)
    answer = unguarded.client.post(DIALECTS[dialect], json={}, headers=ADA)
    assert answer.status_code == 503
    for name in ("PLANTAIN_API_KEYS_FILE", "PLANTAIN_IAP_AUDIENCE", "PLANTAIN_INVOKER_CHECK"):
        assert name in said(answer)


def test_an_unguarded_deployment_is_not_ready(deployment: Deployment, log_lines: LogLines) -> None:
    unguarded = deployment.replace(profile="production")
    answer = unguarded.client.get("/readyz")
    assert answer.status_code == 503
    assert "PLANTAIN_INVOKER_CHECK" in answer.json["reason"]
    assert log_lines.of("api.not_ready")
    assert unguarded.client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "guard",
    [{"api_keys": OWNERS}, {"invoker_check": True}, {"iap_audience": "/projects/1/global/backendServices/2"}],
)
def test_a_guarded_deployment_is_ready(deployment: Deployment, guard: dict[str, Any]) -> None:
    assert deployment.replace(profile="production", **guard).client.get("/readyz").status_code == 200


def test_a_token_that_cloud_run_has_checked_names_its_owner(deployment: Deployment) -> None:
    checked = deployment.replace(profile="production", invoker_check=True)
    assert checked.client.get("/v1/jobs", headers=ADA).status_code == 200
