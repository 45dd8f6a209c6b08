"""/v1/uploads: where to put a picture that is too large for a request's body."""

from __future__ import annotations

from typing import Literal

from flask import Response

from ...contract import ids, paths
from ...contract.document import DocumentPart, now
from ...contract.timestamps import format_time
from ...http_edge.json_response import json_response
from ...intake.input_pictures import MAX_OBJECT
from ...intake.strict_json import parse_model
from ...signed_urls import LIFETIME
from ..api_call import ApiCall
from ..request_body import read_json


class UploadRequest(DocumentPart):
    content_type: Literal[
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/avif",
        "image/heic",
        "image/heif",
        "image/gif",
        "image/tiff",
        "image/bmp",
        "application/jsonl",  # a batch's requests
    ]


def create_upload(call: ApiCall) -> Response:
    """Makes a place for a file. The caller PUTs the file there with exactly these headers, then names it
    as ``upload``.
    """
    asked = parse_model(UploadRequest, read_json(call.request))
    upload = ids.new_upload_id()
    headers = {"Content-Type": asked.content_type, "x-goog-content-length-range": f"0,{MAX_OBJECT}"}
    name = paths.uploaded_picture(call.owner, upload)
    url = call.services.sign_url(call.services.settings.uploads_bucket, name, "PUT", headers)
    expires = format_time(now() + LIFETIME)
    return json_response(
        {"upload": upload, "url": url, "method": "PUT", "headers": headers, "expires": expires}, 201
    )
