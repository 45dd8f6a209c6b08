"""/v1/uploads: a place to put a picture that is too large for a request's body."""

from __future__ import annotations

from typing import Literal

from flask import Response

from ...contract.document import Part, now
from ...contract.storage import paths
from ...contract.timestamps import rfc3339
from ...intake.input_pictures import MAX_OBJECT
from ...intake.strict_json import checked
from ...signed_urls import LIFETIME
from ..call import Call
from ..json_response import answer
from ..request_body import read_json


class UploadRequest(Part):
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


def create(call: Call) -> Response:
    """Where to PUT the picture, with exactly these headers, before it is named in a request as ``upload``."""
    asked = checked(UploadRequest, read_json(call.request))
    upload = paths.new_upload_id()
    headers = {"Content-Type": asked.content_type, "x-goog-content-length-range": f"0,{MAX_OBJECT}"}
    name = paths.upload(call.owner, upload)
    url = call.services.sign_url(call.services.settings.uploads_bucket, name, "PUT", headers)
    expires = rfc3339(now() + LIFETIME)
    return answer(
        {"upload": upload, "url": url, "method": "PUT", "headers": headers, "expires": expires}, 201
    )
