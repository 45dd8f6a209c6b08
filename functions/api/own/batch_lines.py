"""A batch whose lines are the body of the request: a page that can reach no bucket makes one too."""

from __future__ import annotations

import hashlib

from ...batches.create import CreatedBatch, RequestFile, create_from_request
from ...contract import ids, paths
from ...contract.errors import IdempotencyConflict, InvalidRequest
from ...contract.object_names import ObjectName
from ...contract.storage.bucket import NEW
from ..api_call import ApiCall
from ..request_body import MAX_BODY, read_bytes, reserve_body

LINES = "application/jsonl"


def create_from_lines(call: ApiCall, key: str | None) -> CreatedBatch:
    """Stores the body as an upload of the caller's, which is deleted with the batch, and creates the batch.

    Raises InvalidRequest for a body without a line, RequestTooLarge, and what ``create_from_request`` raises.
    """
    with reserve_body(call.request):
        data = read_bytes(call.request, MAX_BODY)
        if not data.strip():
            raise InvalidRequest("The body has no line: send one request in each.")
        uploads = call.services.uploads
        name = paths.uploaded_picture(call.owner, ids.new_upload_id())
        generation = uploads.put(name, data, LINES, if_generation=NEW)
    file = RequestFile(ObjectName(uploads.name, name), generation, contents=hashlib.sha256(data).hexdigest())
    try:
        begun = create_from_request(call.services, call.owner, file, key)
    except IdempotencyConflict:
        uploads.delete(name, generation)
        raise
    if not begun.created:  # the same lines are stored already
        uploads.delete(name, generation)
    return begun
