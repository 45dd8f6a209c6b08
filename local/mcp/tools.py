"""The tools: one function each, and the list of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from anyio.to_thread import run_sync
from mcp_types import CallToolResult, Tool, ToolAnnotations

from local.mcp.answers import JobAnswer
from local.mcp.arguments import (
    ClipArguments,
    EditArguments,
    GenerateArguments,
    JobArguments,
    ToolArguments,
    VerifyArguments,
)
from local.mcp.picture_sources import PictureReader
from local.mcp.results import job_result
from local.mcp.tool_call import ToolCall

Json = dict[str, Any]
_OF_THE_CALL = {"idempotency_key", "wait_seconds", "references", "image", "mask"}


@dataclass(frozen=True)
class ImageTool:
    """A tool: what it is called, what it takes, and the function that runs it. All answer with a job."""

    name: str
    title: str
    description: str
    arguments: type[ToolArguments]
    annotations: ToolAnnotations
    run: Callable[[ToolCall, Any], Awaitable[CallToolResult]]

    def describe(self) -> Tool:
        """Returns the tool as a listing shows it."""
        return Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.arguments.model_json_schema(),
            output_schema=JobAnswer.model_json_schema(mode="serialization"),
            annotations=self.annotations,
        )


async def _generate_image(call: ToolCall, given: GenerateArguments) -> CallToolResult:
    def build(pictures: PictureReader) -> Json:
        images = [pictures.read_input(each) for each in given.references]
        return _request_of("generate", given, images=images)

    job = await call.create_job(build, given.idempotency_key)
    return await job_result(call.plantain, await call.follow_own_job(job, given.wait_seconds))


async def _edit_image(call: ToolCall, given: EditArguments) -> CallToolResult:
    def build(pictures: PictureReader) -> Json:
        images = [pictures.read_input(each) for each in (given.image, *given.references)]
        mask = pictures.read_input(given.mask) if given.mask else None
        return _request_of("edit", given, images=images, mask=mask)

    job = await call.create_job(build, given.idempotency_key)
    return await job_result(call.plantain, await call.follow_own_job(job, given.wait_seconds))


async def _generate_clip(call: ToolCall, given: ClipArguments) -> CallToolResult:
    def build(pictures: PictureReader) -> Json:
        images = [pictures.read_input(given.image)] if given.image else []
        return _request_of("animate", given, images=images)

    job = await call.create_job(build, given.idempotency_key)
    return await job_result(call.plantain, await call.follow_own_job(job, given.wait_seconds))


async def _get_image_job(call: ToolCall, given: JobArguments) -> CallToolResult:
    job = await run_sync(call.plantain.job, given.job_id)
    return await job_result(call.plantain, await call.follow_job(job, given.wait_seconds))


async def _verify_image(call: ToolCall, given: VerifyArguments) -> CallToolResult:
    def build(pictures: PictureReader) -> Json:
        return {"task": "verify", "images": [pictures.read_input(given.image)]}

    job = await call.create_job(build)
    return await job_result(call.plantain, await call.follow_own_job(job))


def _request_of(task: str, given: ToolArguments, **pictures: Any) -> Json:
    """Returns the request: the arguments of the same names, and the pictures; the service adds the rest."""
    fields = given.model_dump(mode="json", exclude_unset=True, exclude=_OF_THE_CALL)
    named = {**fields, **pictures}
    return {"task": task, **{name: value for name, value in named.items() if value not in (None, [])}}


_MAKES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
_LOOKS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

_TOOLS = (
    ImageTool(
        "generate_image",
        "Generate an image",
        "Makes pictures from a description. Returns the pictures, or, when they take longer than the server"
        " waits, the id of the job, for get_image_job. Each call makes new pictures.",
        GenerateArguments,
        _MAKES,
        _generate_image,
    ),
    ImageTool(
        "edit_image",
        "Edit an image",
        "Changes a picture as described and keeps the rest. The picture is data in base64, a resource of an"
        " earlier result, or one of the other sources. Returns new pictures; the given one stays as it is.",
        EditArguments,
        _MAKES,
        _edit_image,
    ),
    ImageTool(
        "generate_clip",
        "Generate a clip",
        "Makes a clip of 2 to 8 seconds from a description of what happens, and from the picture with which"
        " it begins if one is given. Needs a model that draws clips. Returns a link to the clip and shows its"
        " first frame, or, when it takes longer than the server waits, the id of the job, for get_image_job.",
        ClipArguments,
        _MAKES,
        _generate_clip,
    ),
    ImageTool(
        "get_image_job",
        "Get an image job",
        "Returns a job of the other tools: its state, and what it has made or found once it has succeeded."
        " With wait_seconds it waits for the end.",
        JobArguments,
        _LOOKS,
        _get_image_job,
    ),
    ImageTool(
        "verify_image",
        "Verify an image",
        "Tells whether this Plantain made a picture, and whether it was changed since, from its watermark and"
        " its content credentials.",
        VerifyArguments,
        # A job is recorded, but nothing of the caller's changes.
        _LOOKS,
        _verify_image,
    ),
)
TOOLS = {tool.name: tool for tool in _TOOLS}
