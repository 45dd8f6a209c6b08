"""The REST surface: https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.ports import ANY, HOST, open_stack_listener
from local.http_servers.server import HttpServer
from local.vertex_emulator.certificate import ServerCertificate, make_certificate
from local.vertex_emulator.errors import VertexError, answer_error
from local.vertex_emulator.faults import VertexFaults
from local.vertex_emulator.prediction_container import PredictionContainer
from local.vertex_emulator.resource_registry import VertexRegistry, VertexResource

MAX_BYTES = 10 * 2**20  # of a dedicated endpoint's requests
_VERSIONS = ("/v1/", "/v1beta1/")  # scale to zero is in the second alone
_LOCATION = "projects/{project}/locations/{location}"
_ENDPOINT = _LOCATION + "/endpoints/{endpoint}"


class VertexServer:
    """Answers by HTTPS in the running loop, on a free port unless one is given.

    ``container`` is what every deployed model runs in; ``directory`` keeps the certificate.
    """

    def __init__(self, directory: Path, container: PredictionContainer, port: int = ANY) -> None:
        self.faults = VertexFaults()
        self.certificate: ServerCertificate = make_certificate(directory)
        self._container = container
        listener = open_stack_listener("vertex", port)
        self.registry = VertexRegistry(f"{HOST}:{listener.getsockname()[1]}")
        self._client = httpx.AsyncClient(limits=httpx.Limits(max_connections=None), trust_env=False)
        self._server = HttpServer(
            AsgiGuard(Starlette(routes=self._routes(), exception_handlers={VertexError: answer_error})),
            listener,
            ssl_certfile=self.certificate.chain,
            ssl_keyfile=self.certificate.key,
            timeout_graceful_shutdown=1,  # its clients keep their connections
        )

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        """Returns the value of PLANTAIN_VERTEX_URL."""
        return f"https://{HOST}:{self.port}"

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()
        await self._client.aclose()

    def deploy(self, endpoint: str) -> None:
        """Creates what ``make vertex`` would leave: the endpoint, and a model on it with all of its
        traffic.
        """
        self.registry.make_endpoint(endpoint)
        parent = endpoint.rpartition("/endpoints/")[0]
        uploaded = self.registry.upload_model(parent, {"model": {"displayName": "plantain"}})
        deployed = {"model": uploaded["response"]["model"], "displayName": "plantain"}
        self.registry.deploy_model(endpoint, {"deployedModel": deployed, "trafficSplit": {"0": 100}})

    def _routes(self) -> list[Route]:
        return [route for version in _VERSIONS for route in self._routes_of(version)]

    def _routes_of(self, version: str) -> list[Route]:
        return [
            Route(f"{version}{_ENDPOINT}:predict", self._predict, methods=["POST"]),
            Route(f"{version}{_ENDPOINT}:rawPredict", self._raw_predict, methods=["POST"]),
            Route(
                f"{version}{_ENDPOINT}:deployModel",
                self._change_handler(self._deploy_model),
                methods=["POST"],
            ),
            Route(
                f"{version}{_ENDPOINT}:undeployModel",
                self._change_handler(self._undeploy_model),
                methods=["POST"],
            ),
            Route(version + _ENDPOINT, self._show_handler(lambda name: self.registry.read_endpoint(name))),
            Route(
                f"{version}{_LOCATION}/models:upload",
                self._change_handler(self._upload_model),
                methods=["POST"],
            ),
            Route(
                f"{version}{_LOCATION}/models/{{model}}",
                self._show_handler(lambda name: self.registry.read_model(name)),
            ),
            Route(
                f"{version}{_LOCATION}/{{kind}}/{{owner}}/operations/{{operation}}",
                self._show_handler(lambda name: self.registry.read_operation(name)),
            ),
        ]

    # Resources.

    def _show_handler(self, find: Callable[[str], VertexResource]) -> Callable[[Request], Any]:
        async def show(request: Request) -> Response:
            return _resource(request, find(_resource_name(request)))

        return show

    def _change_handler(
        self, change: Callable[[str, VertexResource], VertexResource]
    ) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                return _resource(request, change(_resource_name(request), json.loads(await request.body())))
            except (ValueError, KeyError, TypeError) as error:
                raise VertexError(400, f"The body is not what it should be: {error!r}.") from None

        return answer

    def _upload_model(self, name: str, request: VertexResource) -> VertexResource:
        return self.registry.upload_model(name.rpartition("/")[0], request)

    def _deploy_model(self, name: str, request: VertexResource) -> VertexResource:
        return self.registry.deploy_model(name, request)

    def _undeploy_model(self, name: str, request: VertexResource) -> VertexResource:
        return self.registry.undeploy_model(name, request)

    # Predictions.

    async def _predict(self, request: Request) -> Response:
        """Answers with the container's predictions and the model's name; a container's error becomes Google's
        shape.
        """
        deployed, answer = await self._call_container(request)
        if not answer.is_success:
            raise VertexError(answer.status_code, answer.text)
        try:
            predictions = answer.json()["predictions"]
        except (ValueError, KeyError, TypeError):
            raise VertexError(500, "The container's answer has no predictions.") from None
        model = deployed["model"]
        return JSONResponse({"predictions": predictions, "deployedModelId": deployed["id"], "model": model})

    async def _raw_predict(self, request: Request) -> Response:
        """Answers with the container's answer as it is."""
        deployed, answer = await self._call_container(request)
        headers = {"x-vertex-ai-deployed-model-id": deployed["id"], "x-vertex-ai-model": deployed["model"]}
        media_type = answer.headers.get("content-type")
        return Response(answer.content, answer.status_code, headers, media_type)

    async def _call_container(self, request: Request) -> tuple[VertexResource, httpx.Response]:
        deployed = self.registry.find_serving_model(_resource_name(request))
        body = await request.body()
        if len(body) > MAX_BYTES:
            raise VertexError(413, "The request is larger than 10 MB.")
        self._raise_fault()
        content_type = request.headers.get("content-type", "application/json")
        answer = await self._container.request_prediction(
            self._client, body, content_type, self.faults.seconds
        )
        if self.faults.strikes("lost_answer"):
            raise VertexError(503, "The answer was lost.")
        return deployed, answer

    def _raise_fault(self) -> None:
        for kind, code in (("unavailable", 503), ("too_many", 429), ("forbidden", 403)):
            if self.faults.strikes(kind):
                raise VertexError(code, f"A fault that was switched on: {kind}.")


def _resource_name(request: Request) -> str:
    """Returns the resource's name: the path without the version before it and the verb behind it."""
    path = request.url.path.lstrip("/").partition("/")[2]
    head, slash, last = path.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def _resource(request: Request, resource: VertexResource) -> Response:
    """Returns the resource as JSON. An operation names the types of the API version in the request."""
    version = request.url.path.split("/")[1]
    text = json.dumps(resource).replace(".aiplatform.v1.", f".aiplatform.{version}.")
    return Response(text, media_type="application/json")
