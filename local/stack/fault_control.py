"""The stack's own HTTP endpoint for tests and monitoring: ``/`` (its state), ``/faults``, ``/operations``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Protocol, runtime_checkable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.contract.errors import InvalidRequest, PlantainError
from local.http_servers.browser_guard import AsgiGuard
from local.http_servers.ports import ANY, HOST, open_stack_listener
from local.http_servers.server import HttpServer


class FaultyServer(Protocol):
    """A server whose faults are a dataclass that may be changed while it runs."""

    @property
    def faults(self) -> Any: ...


@runtime_checkable
class CountingServer(Protocol):
    """A server that counts the operations that the cloud would bill, by their names."""

    @property
    def operations(self) -> Mapping[str, int]: ...


def read_faults(server: FaultyServer) -> dict[str, float]:
    faults = server.faults
    return {field.name: getattr(faults, field.name) for field in fields(faults) if field.init}


def set_faults(servers: Mapping[str, FaultyServer], wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Sets the named faults and leaves the others. Raises InvalidRequest before anything is changed."""
    changed: list[tuple[Any, Mapping[str, float]]] = []
    for name, values in wanted.items():
        if name not in servers:
            raise InvalidRequest(
                f"{name} is not a server of this stack: {', '.join(servers) or 'it has none'}."
            )
        server = servers[name]
        known = read_faults(server)
        for fault, value in values.items():
            if fault not in known:
                raise InvalidRequest(f"{name} has no fault {fault}; it has {', '.join(known)}.")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidRequest(f"{name}.{fault} is a number.")
        type(server.faults)(**{**known, **values})  # raises for values that are not allowed
        changed.append((server.faults, values))
    for faults, values in changed:
        for fault, value in values.items():
            setattr(faults, fault, value)


def parse_fault_options(options: list[str]) -> dict[str, dict[str, float]]:
    """Parses ``["storage.unavailable=0.05"]`` to ``{"storage": {"unavailable": 0.05}}``.

    Raises InvalidRequest.
    """
    wanted: dict[str, dict[str, float]] = {}
    for option in options:
        name, _, value = option.partition("=")
        server, _, fault = name.partition(".")
        try:
            wanted.setdefault(server, {})[fault] = float(value)
        except ValueError:
            raise InvalidRequest(f"Write a fault as storage.unavailable=0.05, not {option}.") from None
    return wanted


class ControlServer:
    """Answers on a free port of its own, in the running loop."""

    def __init__(self, servers: Mapping[str, FaultyServer], status: Callable[[], dict[str, Any]]) -> None:
        self._servers = servers
        self._status = status
        routes = [
            Route("/", self._show_status),
            Route("/faults", self._show_faults, methods=["GET"]),
            Route("/faults", self._set_faults, methods=["PUT"]),
            Route("/operations", self._show_operations),
        ]
        application = Starlette(routes=routes, exception_handlers={PlantainError: _problem_response})
        self._server = HttpServer(AsgiGuard(application), open_stack_listener("control", ANY))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.port}"

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def _show_status(self, _request: Request) -> Response:
        return JSONResponse(self._status())

    async def _show_faults(self, _request: Request) -> Response:
        return JSONResponse({name: read_faults(server) for name, server in self._servers.items()})

    async def _show_operations(self, _request: Request) -> Response:
        counting = {name: each for name, each in self._servers.items() if isinstance(each, CountingServer)}
        return JSONResponse({name: dict(server.operations) for name, server in counting.items()})

    async def _set_faults(self, request: Request) -> Response:
        try:
            wanted = json.loads(await request.body())
        except ValueError:
            raise InvalidRequest('Send JSON: {"storage": {"unavailable": 0.05}}.') from None
        if not isinstance(wanted, dict) or not all(isinstance(values, dict) for values in wanted.values()):
            raise InvalidRequest('Send JSON: {"storage": {"unavailable": 0.05}}.')
        set_faults(self._servers, wanted)
        return await self._show_faults(request)


def _problem_response(_request: Request, error: Exception) -> Response:
    if not isinstance(error, PlantainError):  # Starlette gives the handler no others
        raise error
    problem = {"code": error.code, "title": error.title, "detail": error.message, "status": error.status}
    return JSONResponse(problem, error.status, media_type="application/problem+json")
