"""Whether the API answers, and whether it knows what it needs."""

from __future__ import annotations

import flask
import pytest

from functions.api.application import answer_request
from functions.contract.settings import Settings, SettingsError
from functions.services import Services
from tests.integration.functions.deployment import Deployment


def answer(path: str, services: Services | None) -> flask.Response:
    def made() -> Services:
        if services is None:
            Settings.from_environment({})
            raise AssertionError("settings came from nowhere")
        return services

    with flask.Flask("api").test_request_context(path):
        return answer_request(flask.request, made)


def test_an_api_with_its_settings_is_ready(deployment: Deployment) -> None:
    assert answer("/readyz", deployment.services).status_code == 200
    assert answer("/healthz", deployment.services).status_code == 200


def test_an_api_without_is_alive_and_not_ready() -> None:
    with pytest.raises(SettingsError):
        Settings.from_environment({})
    assert answer("/healthz", None).status_code == 200
    assert answer("/readyz", None).status_code == 503
