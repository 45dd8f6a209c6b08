"""The Vertex AI surface, asked by Google's own client: what is deployed, and what a prediction comes to."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials

from local.vertex_emulator.endpoint_environment import endpoint_name
from local.vertex_emulator.prediction_container import PredictionContainer
from local.vertex_emulator.server import VertexServer
from tests.integration.local.vertex_servers import container, serving
from tools.deploy_vertex import DeploymentPlan, deploy_model, main, read_arguments

if TYPE_CHECKING:  # it takes a second to import, and every process of the tests collects this file
    from google.cloud import aiplatform

ENDPOINT = endpoint_name("demo")
IMAGE = "europe-west4-docker.pkg.dev/demo/plantain/worker@sha256:" + "0" * 64
PLAN = DeploymentPlan(ENDPOINT, "worker@demo.iam.gserviceaccount.com", {"PLANTAIN_PROJECT": "demo"})


def echo(body: bytes) -> tuple[int, bytes]:
    instances = json.loads(body)["instances"]
    if "fail" in instances:
        return 422, b'{"code": "failed"}'
    return 200, json.dumps({"predictions": instances}).encode()


@pytest.fixture
def vertex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[VertexServer]:
    with container(echo) as replica, serving(tmp_path, replica) as server:
        reach(server, monkeypatch)
        server.registry.make_endpoint(ENDPOINT)
        yield server


def reach(server: VertexServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.cloud import aiplatform

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.certificate.bundle))
    aiplatform.init(
        project="demo",
        location="europe-west4",
        credentials=AnonymousCredentials(),
        api_endpoint=server.url,
        api_transport="rest",
    )


def endpoint(name: str = ENDPOINT) -> aiplatform.Endpoint:
    from google.cloud import aiplatform

    return aiplatform.Endpoint(name)


def deployed(*options: str) -> dict[str, int]:
    return deploy_model(PLAN, read_arguments(["--image", IMAGE, *options]))


def raw(*instances: Any) -> tuple[int, Any]:
    body = json.dumps({"instances": instances}).encode()
    answer = endpoint().raw_predict(body, {"Content-Type": "application/json"})
    return answer.status_code, answer.json()


def test_an_endpoint_that_is_not_there_is_not_found(vertex: VertexServer) -> None:
    with pytest.raises(NotFound):
        print(endpoint(ENDPOINT.replace("1001", "7")).traffic_split)


def test_without_a_model_there_is_no_prediction(vertex: VertexServer) -> None:
    status, told = raw("a")
    assert (status, told["error"]["status"]) == (400, "FAILED_PRECONDITION")


def test_what_is_deployed_is_asked_and_answers_for_itself(vertex: VertexServer) -> None:
    from google.cloud.aiplatform_v1.types import AcceleratorType

    split = deployed("--min-replicas", "2", "--max-replicas", "5")
    assert list(split.values()) == [100]
    assert raw("a", "b") == (200, {"predictions": ["a", "b"]})
    assert raw("fail") == (422, {"code": "failed"})
    (model,) = vertex.registry.read_endpoint(ENDPOINT)["deployedModels"]
    assert model["serviceAccount"] == PLAN.service_account
    resources = model["dedicatedResources"]
    assert (resources["minReplicaCount"], resources["maxReplicaCount"]) == (2, 5)
    assert AcceleratorType(resources["machineSpec"]["acceleratorType"]) is AcceleratorType.NVIDIA_L4
    container = vertex.registry.read_model(model["model"])["containerSpec"]
    assert (container["imageUri"], container["command"]) == (
        IMAGE,
        ["python", "-m", "worker.vertex_container"],
    )
    assert (container["healthRoute"], container["predictRoute"]) == ("/health", "/predict")
    told = {variable["name"]: variable["value"] for variable in container["env"]}
    assert told == {"PLANTAIN_PROJECT": "demo", "PLANTAIN_DEVICE": "cuda"}


def test_a_model_that_stands_idle_goes_to_zero(vertex: VertexServer) -> None:
    deployed("--min-replicas", "0", "--max-replicas", "3", "--idle-minutes", "30")
    (model,) = vertex.registry.read_endpoint(ENDPOINT)["deployedModels"]
    resources = model["dedicatedResources"]
    assert resources.get("minReplicaCount", 0) == 0
    assert (resources["initialReplicaCount"], resources["maxReplicaCount"]) == (1, 3)
    assert resources["scaleToZeroSpec"] == {"idleScaledownPeriod": "1800s"}
    assert raw("a") == (200, {"predictions": ["a"]})


def test_a_model_that_stands_always_has_nothing_of_scale_to_zero(vertex: VertexServer) -> None:
    deployed()
    (model,) = vertex.registry.read_endpoint(ENDPOINT)["deployedModels"]
    assert {"scaleToZeroSpec", "initialReplicaCount"}.isdisjoint(model["dedicatedResources"])


def test_predict_wraps_what_the_container_says(vertex: VertexServer) -> None:
    deployed()
    asked = endpoint()
    assert asked.predict(["a"]).predictions == ["a"]
    with pytest.raises(ValueError, match="failed") as refused:
        asked.predict(["fail"])
    assert "422" in str(refused.value)


def test_a_new_version_takes_its_share_and_the_old_one_retires(vertex: VertexServer) -> None:
    (old,) = deployed()
    shared = deployed("--traffic", "10", "--accelerator", "none", "--machine", "n2-standard-8")
    newest = vertex.registry.read_endpoint(ENDPOINT)["deployedModels"][-1]["model"]
    variables = vertex.registry.read_model(newest)["containerSpec"]["env"]
    assert {"name": "PLANTAIN_DEVICE", "value": "cpu"} in variables
    assert shared.pop(old) == 90
    assert list(shared.values()) == [10]
    assert (
        vertex.registry.read_model(f"{ENDPOINT.rpartition('/endpoints/')[0]}/models/plantain")["versionId"]
        == "2"
    )
    (newest,) = deployed("--retire")
    assert [model["id"] for model in vertex.registry.read_endpoint(ENDPOINT)["deployedModels"]] == [newest]


def test_a_container_that_does_not_listen_is_no_replica(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, PredictionContainer(1)) as server:
        reach(server, monkeypatch)
        server.deploy(ENDPOINT)
        status, told = raw("a")
    assert (status, told["error"]["status"]) == (503, "UNAVAILABLE")


def test_faults_strike_before_and_after_the_container(vertex: VertexServer) -> None:
    deployed()
    for fault, status in (("too_many", 429), ("forbidden", 403), ("unavailable", 503), ("lost_answer", 503)):
        setattr(vertex.faults, fault, 1.0)
        assert raw("a")[0] == status
        setattr(vertex.faults, fault, 0.0)
    assert raw("a")[0] == 200


def test_the_command_reads_terraforms_outputs(vertex: VertexServer, tmp_path: Path, capsys: Any) -> None:
    value = {
        "endpoint": ENDPOINT,
        "service_account": PLAN.service_account,
        "environment": PLAN.environment,
        "key": None,
    }
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"vertex_container": {"value": value}}))
    assert main(["--image", IMAGE, "--outputs", str(file)]) == 0
    assert "100 % of the traffic" in capsys.readouterr().out


def test_without_an_endpoint_the_command_says_so(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"vertex_container": {"value": None}}))
    assert main(["--image", IMAGE, "--outputs", str(file)]) == 1
    assert "no endpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--image", "worker:latest"],
        ["--image", IMAGE, "--traffic", "101"],
        ["--image", IMAGE, "--idle-minutes", "4"],
    ],
)
def test_what_cannot_be_deployed_is_refused(wrong: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit):
        read_arguments(wrong)
    assert "error:" in capsys.readouterr().err
