"""One cursor for all listings, which also takes the one that batches gave before."""

from __future__ import annotations

import pytest

from functions.contract import ids
from functions.contract.errors import InvalidRequest
from functions.contract.storage.index_cursor import decode_cursor, encode_cursor

JOB, BATCH = "job_" + "a" * 26, "batch_" + "b" * 26
JOB_NAME, BATCH_NAME = f"98237412345678-{JOB}", f"98237412345678-{BATCH}"


def test_a_cursor_leads_back_to_its_entry() -> None:
    assert decode_cursor(encode_cursor(JOB_NAME), ids.JOB_ID) == JOB_NAME
    assert decode_cursor(encode_cursor(BATCH_NAME), ids.BATCH_ID) == BATCH_NAME


def test_a_cursor_of_an_older_listing_of_batches_still_works() -> None:
    assert decode_cursor(BATCH_NAME, ids.BATCH_ID) == BATCH_NAME


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "ü",
        encode_cursor("nothing"),
        encode_cursor(f"x-{JOB}"),
        encode_cursor(BATCH_NAME),  # another listing's
        BATCH_NAME,
        f"98237412345678-{JOB}\n",
    ],
)
def test_any_other_cursor_is_refused_by_its_field(cursor: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        decode_cursor(cursor, ids.JOB_ID)
    assert refused.value.field == "cursor"
