"""What chat interfaces ask of the WebUI beside pictures: options, lists, progress and interrupt."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest

from functions.api.sdwebui.options import LISTS
from tests.integration.functions.deployment import Answer, Deployment

KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}


def get(deployment: Deployment, path: str, **headers: str) -> Answer:
    return deployment.client.get(f"/sdapi/v1/{path}", headers=headers)


def begin(deployment: Deployment, prompt: str = "a boat", **headers: str) -> str:
    answer = deployment.client.post(
        "/sdapi/v1/txt2img", json={"prompt": prompt}, headers={"Prefer": "wait=0", **headers}
    )
    return answer.headers["X-Plantain-Job"]


def basic(password: str, user: str = "user") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def test_the_options_name_the_default_model(deployment: Deployment) -> None:
    assert get(deployment, "options").json["sd_model_checkpoint"] == "mock"
    assert [model["title"] for model in get(deployment, "sd-models").json] == ["mock"]


def test_options_are_accepted_and_change_nothing_for_others(deployment: Deployment) -> None:
    both = deployment.replace(models={"mock": "mock", "second": "mock"})
    answer = both.client.post("/sdapi/v1/options", json={"sd_model_checkpoint": "second"})
    assert (answer.status_code, answer.json) == (200, None)
    assert get(both, "options").json["sd_model_checkpoint"] == "mock"


@pytest.mark.parametrize("name", ["none", 7, ["mock"]])
def test_a_model_that_is_not_here_is_refused(deployment: Deployment, name: object) -> None:
    answer = deployment.client.post("/sdapi/v1/options", json={"sd_model_checkpoint": name})
    assert answer.status_code == 400 and answer.json["detail"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_that_clients_show_is_there(deployment: Deployment, name: str) -> None:
    assert isinstance(get(deployment, name).json, list)


def test_progress_is_that_of_the_newest_job_until_it_is_interrupted(deployment: Deployment) -> None:
    assert get(deployment, "progress").json["state"]["job_count"] == 0
    first, second = begin(deployment, "a red boat"), begin(deployment, "a blue boat")
    deployment.claim(second)
    preview = "data:image/jpeg;base64,aaaa"
    deployment.change(second, progress=0.5, step=2, steps=4, preview=preview, stage="diffuse")
    shown = get(deployment, "progress?skip_current_image=false").json
    assert (shown["progress"], shown["current_image"]) == (0.5, "aaaa")
    assert (shown["state"]["sampling_step"], shown["state"]["sampling_steps"]) == (2, 4)
    assert shown["eta_relative"] >= 0
    assert deployment.client.post("/sdapi/v1/interrupt").json == {}
    assert deployment.job(second)["state"] == "canceling"
    assert deployment.job(first)["state"] == "queued"


def test_jobs_of_other_interfaces_are_not_interrupted(deployment: Deployment) -> None:
    other = deployment.generate()
    deployment.client.post("/sdapi/v1/interrupt")
    assert deployment.job(other)["state"] == "queued"
    assert get(deployment, "progress").json["state"]["job_count"] == 0


def test_the_key_is_the_password_and_owners_see_only_their_own(deployment: Deployment) -> None:
    shared = deployment.replace(api_keys=KEYS)
    job = begin(shared, **basic("ada-key"))
    assert get(shared, "progress", **basic("bob-key")).json["state"]["job_count"] == 0
    shared.client.post("/sdapi/v1/interrupt", headers=basic("bob-key"))
    assert shared.record(job).state == "queued"
    assert get(shared, "progress", **basic("ada-key")).json["state"]["job"] == job


@pytest.mark.parametrize(
    "headers",
    [{}, basic("wrong"), basic(""), {"Authorization": "Basic %%%"}, {"Authorization": "Basic /w=="}],
)
def test_without_a_good_key_basic_authentication_is_asked_for(
    deployment: Deployment, headers: dict[str, str]
) -> None:
    answer = get(deployment.replace(api_keys=KEYS), "options", **headers)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert set(answer.json) == {"error", "detail", "body", "errors"}
