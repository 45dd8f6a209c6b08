"""The resources: pictures and manifests of the caller's jobs. The listing names those of the newest jobs."""

from __future__ import annotations

import base64
import json
from typing import Any

import mcp_types as types

from functions.contract.states import State
from local.client.api_client import PlantainClient
from local.mcp.answers import is_video, picture_number
from local.mcp.resource_names import (
    MANIFEST_TEMPLATE,
    PICTURE_TEMPLATE,
    manifest_uri,
    parse_manifest_uri,
    parse_picture_uri,
    picture_uri,
)

Json = dict[str, Any]
RECENT_JOBS = 10  # each costs a request
_JSON = "application/json"

TEMPLATES = [
    types.ResourceTemplate(
        uri_template=PICTURE_TEMPLATE,
        name="picture",
        title="A picture or clip of a job",
        description="The whole file. n counts from 0; a clip is 0, and its first frame 1.",
    ),
    types.ResourceTemplate(
        uri_template=MANIFEST_TEMPLATE,
        name="manifest",
        title="The manifest of a job",
        description="How the pictures were made: model, seeds, stages, scores, safety, watermark.",
        mime_type=_JSON,
    ),
]


def list_recent(plantain: PlantainClient) -> list[types.Resource]:
    """Returns the pictures and manifests of the newest jobs that succeeded."""
    page = plantain.jobs(state=State.SUCCEEDED, limit=RECENT_JOBS)
    return [resource for entry in page["jobs"] for resource in _resources_of(plantain.job(entry["id"]))]


def _resources_of(job: Json) -> list[types.Resource]:
    pictures = [
        types.Resource(
            uri=picture_uri(job["id"], picture_number(image)),
            name=f"{job['id']}-{picture_number(image)}",
            title=f"{image['width']}×{image['height']} {_kind_of(image)} of {job['created']}",
            mime_type=image["content_type"],
        )
        for image in job["images"]
    ]
    manifest = types.Resource(uri=manifest_uri(job["id"]), name=f"{job['id']}-manifest", mime_type=_JSON)
    return [*pictures, manifest]


def _kind_of(image: Json) -> str:
    return "clip" if is_video(image) else "picture"


def read_resource(plantain: PlantainClient, uri: str) -> types.ReadResourceResult:
    """Returns the resource. Raises InvalidRequest for another name, and RequestRefused for no such job."""
    if job_id := parse_manifest_uri(uri):
        text = json.dumps(plantain.manifest(job_id), ensure_ascii=False)
        manifest = types.TextResourceContents(uri=uri, text=text, mime_type=_JSON)
        return types.ReadResourceResult(contents=[manifest])
    job_id, n = parse_picture_uri(uri)
    data = plantain.image(job_id, n)
    found = next(image for image in plantain.job(job_id)["images"] if picture_number(image) == n)
    blob = types.BlobResourceContents(
        uri=uri, blob=base64.b64encode(data).decode(), mime_type=found["content_type"]
    )
    return types.ReadResourceResult(contents=[blob])
