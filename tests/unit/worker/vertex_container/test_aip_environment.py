"""What Vertex AI's variables say."""

from __future__ import annotations

import pytest

from functions.contract.settings import SettingsError
from worker.vertex_container.aip_environment import AipEnvironment, with_artifacts


def test_without_variables_it_is_vertex_ais_default() -> None:
    assert AipEnvironment.from_environment({}) == AipEnvironment(8080, "/health", "/predict")


def test_the_variables_are_followed() -> None:
    variables = {
        "AIP_HTTP_PORT": "9000",
        "AIP_HEALTH_ROUTE": "/v1/endpoints/7/deployedModels/8",
        "AIP_PREDICT_ROUTE": "/v1/endpoints/7/deployedModels/8:predict",
    }
    found = AipEnvironment.from_environment(variables)
    assert (found.port, found.health_route, found.predict_route) == (9000, *list(variables.values())[1:])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIP_HTTP_PORT", "http"),
        ("AIP_HTTP_PORT", "0"),
        ("AIP_HTTP_PORT", "65536"),
        ("AIP_HTTP_PORT", "²"),
        ("AIP_HEALTH_ROUTE", "health"),
        ("AIP_PREDICT_ROUTE", "/a b"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        AipEnvironment.from_environment({name: value})


def test_a_models_artifacts_are_where_vertex_ai_has_put_them() -> None:
    variables = {
        "PLANTAIN_MODELS": '{"klein": "$(AIP_STORAGE_URI)"}',
        "AIP_STORAGE_URI": "gs://theirs/klein/",
    }
    assert with_artifacts(variables)["PLANTAIN_MODELS"] == '{"klein": "gs://theirs/klein"}'
    assert with_artifacts({"PLANTAIN_MODELS": "{}"}) == {"PLANTAIN_MODELS": "{}"}
    with pytest.raises(SettingsError, match="PLANTAIN_MODELS"):
        with_artifacts({"PLANTAIN_MODELS": variables["PLANTAIN_MODELS"]})
