"""What a deployment can do, for programs that offer choices to people."""

from __future__ import annotations

import hashlib

from functions.contract.release import RELEASE
from tests.integration.functions.deployment import Deployment

MODELS = {"mock": "mock", "banana": "gemini", "own": "gs://models/own"}


def test_each_model_is_shown_with_what_it_does_not_take(deployment: Deployment) -> None:
    several = deployment.replace(models=MODELS, model_refuses={"own": ("negative_prompt",)})
    answer = several.client.get("/v1/capabilities").json
    assert (answer["release"], answer["default_model"], answer["owner"]) == (RELEASE, "mock", "local")
    assert answer["profile"] == several.settings.profile
    assert answer["scopes"] == ["admin", "generate", "read"]
    assert answer["models"] == [
        {"name": "mock", "refuses": [], "paid": False},
        {"name": "banana", "refuses": ["animate", "guidance", "steps", "strength"], "paid": True},
        {"name": "own", "refuses": ["negative_prompt"], "paid": False},
    ]


def test_what_it_says_a_model_refuses_is_refused(deployment: Deployment) -> None:
    several = deployment.replace(models=MODELS)
    for model in several.client.get("/v1/capabilities").json["models"]:
        body = {"task": "generate", "prompt": "a boat", "model": model["name"], "steps": 4, "dry_run": True}
        refused = several.post(body).status_code == 400
        assert refused == ("steps" in model["refuses"])


def test_it_names_the_caller_and_needs_one(deployment: Deployment) -> None:
    keyed = deployment.replace(api_keys={hashlib.sha256(b"key").hexdigest(): "ada"})
    assert keyed.client.get("/v1/capabilities").status_code == 401
    assert keyed.client.get("/v1/capabilities", headers={"X-API-Key": "key"}).json["owner"] == "ada"
