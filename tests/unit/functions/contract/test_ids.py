"""Ids."""

from __future__ import annotations

import pytest

from functions.contract import ids
from functions.contract.errors import InvalidRequest

JOB = "job_" + "a" * 26


def test_new_ids_are_job_ids_and_never_the_same() -> None:
    made = {ids.new_job_id() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(ids.check_job_id(job_id) == job_id for job_id in made)


def test_the_same_key_of_the_same_owner_names_the_same_job() -> None:
    """Written down: another hash tomorrow would run every job again."""
    assert ids.job_id_for_key("ada", "k-1") == "job_dhtvcquwdel4dkmaebwvv3irou"
    assert ids.job_id_for_upload("uploads", "a/b.png", 17) == "job_po4jv7x7lzeq4kildx4c33b4le"
    assert ids.event_id(JOB) == "evt_7kvdmeg5ov7a7s6zeyexyojkpi"
    assert ids.owner_hash("ada") == "7dcxlv4ezfyqwmytzkpfmhpdxi"


def test_another_owner_key_object_or_generation_names_another_job() -> None:
    named = {
        ids.job_id_for_key("ada", "k-1"),
        ids.job_id_for_key("ada", "k-2"),
        ids.job_id_for_key("bob", "k-1"),
        ids.job_id_for_key("adak", "-1"),
        ids.job_id_for_upload("ada", "k-1", 1),
        ids.job_id_for_upload("ada", "k-1", 2),
        ids.job_id_for_upload("ada", "k-11", 1),
    }
    assert len(named) == 7
    assert all(ids.JOB_ID.match(job_id) for job_id in named)


@pytest.mark.parametrize(
    "text",
    ["", "job_", JOB + "a", JOB[:-1], JOB.upper(), JOB + "\n", "job_" + "1" * 26, f"../{JOB}", f"{JOB}/x"],
)
def test_what_is_no_job_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        ids.check_job_id(text)


def test_a_pictures_mark_is_its_own_and_the_same_at_every_attempt() -> None:
    marks = {ids.watermark_payload(job_id, n) for job_id in (JOB, ids.new_job_id()) for n in range(8)}
    assert len(marks) == 16
    assert all(0 <= mark < 2**64 for mark in marks)
    assert ids.watermark_payload(JOB, 0) == ids.watermark_payload(JOB, 0)
