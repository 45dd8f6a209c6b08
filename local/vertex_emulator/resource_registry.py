"""Endpoints, models and operations, as the REST surface shows them; kept in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from local.vertex_emulator.errors import VertexError

VertexResource = dict[str, Any]
_TYPES = "type.googleapis.com/google.cloud.aiplatform.v1."


class VertexRegistry:
    """``dedicated`` is the host and port that dedicated endpoints answer at."""

    def __init__(self, dedicated: str) -> None:
        self._dedicated = dedicated
        self._endpoints: dict[str, VertexResource] = {}
        self._models: dict[str, VertexResource] = {}
        self._operations: dict[str, VertexResource] = {}
        self._ids = count(1)

    def make_endpoint(self, name: str) -> VertexResource:
        """Makes an empty endpoint, dedicated as Terraform makes it."""
        self._endpoints[name] = {
            "name": name,
            "displayName": "plantain",
            "createTime": _time_now(),
            "updateTime": _time_now(),
            "etag": "1",
            "dedicatedEndpointEnabled": True,
            "dedicatedEndpointDns": self._dedicated,
            "deployedModels": [],
            "trafficSplit": {},
        }
        return self._endpoints[name]

    def read_endpoint(self, name: str) -> VertexResource:
        return _find_resource(self._endpoints, name, "Endpoint")

    def read_model(self, name: str) -> VertexResource:
        return _find_resource(self._models, name.partition("@")[0], "Model")

    def read_operation(self, name: str) -> VertexResource:
        return _find_resource(self._operations, name, "Operation")

    def upload_model(self, parent: str, request: VertexResource) -> VertexResource:
        """Returns the operation of models:upload: a new model, or a new version of ``parentModel``."""
        older = self._models.get(str(request.get("parentModel", "")))
        number = str(next(self._ids) + 1000)
        name = older["name"] if older else f"{parent}/models/{request.get('modelId', number)}"
        version = str(int(older["versionId"]) + 1 if older else 1)
        self._models[name] = {
            **request["model"],
            "name": name,
            "versionId": version,
            "versionAliases": ["default"],
            "createTime": _time_now(),
            "versionCreateTime": _time_now(),
            "updateTime": _time_now(),
            "versionUpdateTime": _time_now(),
            "supportedDeploymentResourcesTypes": ["DEDICATED_RESOURCES"],
        }
        return self._finished_operation(name, "UploadModel", {"model": name, "modelVersionId": version})

    def deploy_model(self, name: str, request: VertexResource) -> VertexResource:
        """Returns the operation of endpoints:deployModel.

        In the split "0" is the model that is being deployed.
        """
        endpoint, number = self.read_endpoint(name), str(next(self._ids) + 5000)
        self.read_model(request["deployedModel"]["model"])
        split = {
            number if key == "0" else key: share for key, share in request.get("trafficSplit", {}).items()
        }
        if split and sum(split.values()) != 100:
            raise VertexError(400, "The sum of traffic split must be 100.")
        deployed = {**request["deployedModel"], "id": number, "createTime": _time_now()}
        endpoint["deployedModels"].append(deployed)
        endpoint["trafficSplit"] = split
        return self._finished_operation(name, "DeployModel", {"deployedModel": deployed})

    def undeploy_model(self, name: str, request: VertexResource) -> VertexResource:
        """Returns the operation of endpoints:undeployModel, for a model without traffic."""
        endpoint, number = self.read_endpoint(name), request["deployedModelId"]
        if endpoint["trafficSplit"].get(number, 0):
            raise VertexError(400, "A model that takes traffic cannot be undeployed.", "FAILED_PRECONDITION")
        endpoint["deployedModels"] = [each for each in endpoint["deployedModels"] if each["id"] != number]
        endpoint["trafficSplit"].pop(number, None)
        return self._finished_operation(name, "UndeployModel", {})

    def find_serving_model(self, name: str) -> VertexResource:
        """Returns the deployed model that gets the endpoint's traffic. Raises VertexError when none does."""
        endpoint = self.read_endpoint(name)
        for deployed in endpoint["deployedModels"]:
            if endpoint["trafficSplit"].get(deployed["id"], 0) > 0:
                return deployed
        raise VertexError(
            400, f"The endpoint {name} has no deployed model that takes traffic.", "FAILED_PRECONDITION"
        )

    def _finished_operation(self, owner: str, kind: str, response: VertexResource) -> VertexResource:
        name = f"{owner}/operations/{next(self._ids)}"
        metadata = {"genericMetadata": {"createTime": _time_now(), "updateTime": _time_now()}}
        self._operations[name] = {
            "name": name,
            "metadata": {"@type": f"{_TYPES}{kind}OperationMetadata", **metadata},
            "done": True,
            "response": {"@type": f"{_TYPES}{kind}Response", **response},
        }
        return self._operations[name]


def _find_resource(kept: dict[str, VertexResource], name: str, kind: str) -> VertexResource:
    if name not in kept:
        raise VertexError(404, f"The {kind} does not exist: {name}.")
    return kept[name]


def _time_now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
