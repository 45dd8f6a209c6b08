"""The server: the protocol's requests, led to the tools and the resources."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import mcp_types as types
from anyio.to_thread import run_sync
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from functions.contract.errors import InvalidRequest
from functions.contract.release import RELEASE
from functions.contract.validation.messages import explain_fault
from local.client.api_client import PlantainClient
from local.mcp.caller_access import open_client
from local.mcp.failures import EXPECTED, describe_error, describe_exception, error_text
from local.mcp.resources import TEMPLATES, list_recent, read_resource
from local.mcp.results import error_result
from local.mcp.tool_call import ToolCall
from local.mcp.tools import TOOLS, ImageTool

WAIT_SECONDS = 45
"""How long a call waits by default: clients give a call up after a minute."""

_INSTRUCTIONS = (
    "Makes and edits pictures. When a call returns a job that has not ended, call get_image_job with its id"
    " instead of asking again. To edit a picture of an earlier result, name its resource (plantain://jobs/…)."
)
_SESSION = "mcp-session-id"
RequestContext = ServerRequestContext[Any, Any]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class McpSettings:
    """``root``: the folder whose files may be named. ``wait``: seconds that a call waits for its job."""

    root: Path | None = None
    wait: float = WAIT_SECONDS


class McpHandlers:
    """Answers the protocol's requests. Each one acts for the caller whose request it is."""

    def __init__(self, settings: McpSettings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self._process = secrets.token_hex(16)  # ids of requests begin again with each process

    async def list_tools(self, _: RequestContext, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.describe() for tool in TOOLS.values()])

    async def call_tool(
        self, context: RequestContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        """Runs a tool. Everything that its caller can mend is an error of the tool, which the model reads."""
        tool = TOOLS.get(params.name)
        if tool is None:
            names = ", ".join(TOOLS)
            raise MCPError(types.INVALID_PARAMS, f"There is no such tool. The tools are {names}.")
        try:
            return await self._run_tool(tool, context, params.arguments or {})
        except ValidationError as error:
            return error_result(describe_error(InvalidRequest.code, f"{explain_fault(error)}."))
        except EXPECTED as error:
            return error_result(describe_exception(error))

    async def _run_tool(
        self, tool: ImageTool, context: RequestContext, arguments: dict[str, Any]
    ) -> types.CallToolResult:
        given = tool.arguments.model_validate(arguments)
        plantain = await run_sync(self._open_client, context)
        with plantain:
            call = ToolCall(
                plantain,
                context.session.report_progress,
                self._settings.wait,
                self._settings.root,
                self._request_key(context),
            )
            return await tool.run(call, given)

    async def list_resources(self, context: RequestContext, _: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=await self._ask(context, list_recent))

    async def list_templates(self, _: RequestContext, __: Any) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=TEMPLATES)

    async def read_resource(
        self, context: RequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return await self._ask(context, lambda plantain: read_resource(plantain, str(params.uri)))

    async def _ask(self, context: RequestContext, question: Callable[[PlantainClient], Answer]) -> Answer:
        """Returns the answer to ``question``. Raises MCPError, as the protocol has it for resources."""

        def ask() -> Answer:
            with self._open_client(context) as plantain:
                return question(plantain)

        try:
            return await run_sync(ask)
        except EXPECTED as error:
            raise MCPError(types.INVALID_PARAMS, error_text(describe_exception(error))) from None

    def _open_client(self, context: RequestContext) -> PlantainClient:
        return open_client(getattr(context.request, "headers", None), self._environment)

    def _request_key(self, context: RequestContext) -> str | None:
        """Returns what identifies the client's message; None where nothing does.

        A session numbers its requests, and a message that is sent again keeps its number. Without a session
        two clients may use the same number, so that it says nothing.
        """
        if context.request is None:
            return f"{self._process} {context.request_id}"
        session = context.request.headers.get(_SESSION)
        return f"{self._process} {session} {context.request_id}" if session else None


def build_server(settings: McpSettings, environment: Mapping[str, str] = os.environ) -> Server[Any]:
    """Returns the server, which speaks over any of the package's transports."""
    handlers = McpHandlers(settings, environment)
    return Server(
        "plantain",
        version=RELEASE,
        title="Plantain",
        instructions=_INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
    )
