"""Creates a batch for clients that send a request again without a key: the repeat finds the first one."""

from __future__ import annotations

from ..batches.create import RequestFile, create_from_request
from ..contract.batch import BatchRecord
from ..contract.document import sha256_of_json
from ..waiting.repeats import take_place
from ..waiting.wait_hints import read_wait_hints
from .api_call import ApiCall


def create_batch_once(call: ApiCall, file: RequestFile) -> BatchRecord:
    """Creates the batch, or finds the one of the caller's key, or of the request that this one repeats.

    Raises what ``create_from_request`` raises.
    """
    hints = read_wait_hints(call.request.headers)
    if hints.idempotency_key is not None:
        return create_from_request(call.services, call.owner, file, hints.idempotency_key).record
    place = take_place(
        call.services.jobs,
        call.owner,
        sha256_of_json({"batch": file.fingerprint}),
        is_repeat=hints.is_repeat,
        has_seed=False,
        is_abandoned=call.is_abandoned,
    )
    is_answered = False
    try:
        record = create_from_request(call.services, call.owner, file, place.key).record
        is_answered = True
    finally:
        place.close(is_answered=is_answered)
    return record
