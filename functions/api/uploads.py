"""/v1/uploads: a place to put a picture that is too large for a request's body."""

from __future__ import annotations

from typing import Literal

from flask import Response

from ..contract import paths
from ..contract.document import Part, now
from ..contract.timestamps import rfc3339
from ..inputs import MAX_OBJECT
from ..reading import checked
from ..signing import LIFETIME
from .answer import answer
from .body import read_json
from .call import Call


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
