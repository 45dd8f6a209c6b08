"""The results of calls: text and pictures for the model, links to the whole files, and the same as data."""

from __future__ import annotations

import base64
from typing import Any

from anyio.to_thread import run_sync
from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent

from functions.contract.states import State
from local.client.api_client import PlantainClient, RequestRefused
from local.mcp.answers import JobAnswer, is_video, job_answer, picture_number
from local.mcp.failures import error_text
from local.mcp.previews import make_preview
from local.mcp.resource_names import picture_uri

Json = dict[str, Any]
PREVIEWS = 4
"""The most pictures that are part of an answer; further ones are links only."""


async def job_result(plantain: PlantainClient, job: Json) -> CallToolResult:
    """Returns the result of a call whose job is ``job``."""
    manifest = await _read_manifest(plantain, job)
    answer = job_answer(job, manifest)
    content: list[ContentBlock] = [TextContent(text=_describe_job(answer))]
    if answer.state == State.SUCCEEDED:
        for position, image in enumerate(job["images"]):
            content += await _show_image(plantain, job["id"], image, with_preview=position < PREVIEWS)
    failed = answer.state.is_terminal and answer.state != State.SUCCEEDED
    return CallToolResult(content=content, structured_content=_as_json(answer), is_error=failed)


def error_result(error: Json) -> CallToolResult:
    """Returns the result of a call that failed before there was a job, or while its job was followed."""
    return CallToolResult(content=[TextContent(text=error_text(error))], is_error=True)


async def _read_manifest(plantain: PlantainClient, job: Json) -> Json | None:
    """Returns the manifest of a job that has succeeded; None for others, and once it was deleted."""
    if job["state"] != State.SUCCEEDED:
        return None
    try:
        return await run_sync(plantain.manifest, job["id"])
    except RequestRefused:
        return None


async def _show_image(
    plantain: PlantainClient, job_id: str, image: Json, *, with_preview: bool
) -> list[ContentBlock]:
    n = picture_number(image)
    size = f"{image['width']}×{image['height']}"
    is_clip = is_video(image)
    link = ResourceLink(
        uri=picture_uri(job_id, n),
        name=f"{job_id}-{n}",
        description=f"The whole {'clip' if is_clip else 'picture'}, {size}",
        mime_type=image["content_type"],
    )
    if is_clip or not with_preview:  # no client shows a clip; its poster is the next of the job's results
        return [link]
    data, content_type = await run_sync(_read_preview, plantain, job_id, n, image["content_type"])
    return [ImageContent(data=base64.b64encode(data).decode(), mime_type=content_type), link]


def _read_preview(plantain: PlantainClient, job_id: str, n: int, content_type: str) -> tuple[bytes, str]:
    return make_preview(plantain.image(job_id, n), content_type)


def _describe_job(answer: JobAnswer) -> str:
    if answer.error is not None:
        return f"Job {answer.job_id} {answer.state}. {error_text(answer.error.model_dump())}"
    if answer.verification is not None:
        return f"Job {answer.job_id} succeeded. {answer.verification.summary}"
    if answer.state == State.SUCCEEDED:
        made = _count_results(answer)
        told = f"Job {answer.job_id} succeeded: {made}, seed {answer.seed}, model {answer.model}."
        return f"{told} {answer.description}" if answer.description else told
    if answer.state.is_terminal:
        return f"Job {answer.job_id} {answer.state}. Nothing was made."
    return (
        f"Job {answer.job_id} is {answer.state} ({answer.progress:.0%}) and continues. Do not ask"
        " again: call get_image_job with this job_id, for example with wait_seconds 30."
    )


def _count_results(answer: JobAnswer) -> str:
    clips = [image for image in answer.images if image.content_type.startswith("video/")]
    if clips:
        return "a clip and its first frame" if len(answer.images) > len(clips) else "a clip"
    return f"{len(answer.images)} picture{'s' * (len(answer.images) != 1)}"


def _as_json(answer: JobAnswer) -> Json:
    return answer.model_dump(mode="json", exclude_none=True)
