"""The models of a deployment, as OpenAI's clients list them."""

from __future__ import annotations

from tests.integration.functions.deployment import Deployment

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}


def test_the_models_are_listed(deployment: Deployment) -> None:
    answer = deployment.client.get("/v1/models", headers=PYTHON)
    assert answer.status_code == 200
    assert answer.json["object"] == "list"
    [entry] = answer.json["data"]
    assert (entry["id"], entry["object"], entry["owned_by"]) == ("mock", "model", "plantain")


def test_a_client_that_does_not_say_who_it_is_reads_either_list(deployment: Deployment) -> None:
    unknown = deployment.client.get("/v1/models").json
    google = deployment.client.get("/v1/models", headers={"x-goog-api-key": "k"}).json
    assert unknown["models"] == google["models"]
    assert unknown["data"] == deployment.client.get("/v1/models", headers=PYTHON).json["data"]
    assert "data" not in google


def test_a_model_is_shown_under_the_name_that_was_asked_for(deployment: Deployment) -> None:
    for name in ("mock", "gpt-image-2"):
        answer = deployment.client.get(f"/v1/models/{name}", headers=PYTHON)
        assert (answer.status_code, answer.json["id"]) == (200, name)


def test_an_unknown_model_is_not_found(deployment: Deployment) -> None:
    answer = deployment.client.get("/v1/models/nothing", headers=PYTHON)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "model_not_found")
