"""The names of objects and ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import paths
from functions.contract.errors import InvalidRequest

JOB = "job_" + "a" * 26
instants = st.datetimes(datetime(2000, 1, 1), datetime(3000, 1, 1), timezones=st.just(UTC))


def test_new_ids_are_job_ids_and_never_the_same() -> None:
    ids = {paths.new_job_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(paths.check_job_id(job_id) == job_id for job_id in ids)


def test_the_same_key_of_the_same_owner_names_the_same_job() -> None:
    """Written down: another hash tomorrow would run every job again."""
    assert paths.job_id_for_key("ada", "k-1") == "job_dhtvcquwdel4dkmaebwvv3irou"
    assert paths.job_id_for_upload("uploads", "a/b.png", 17) == "job_po4jv7x7lzeq4kildx4c33b4le"
    assert paths.event_id(JOB) == "evt_7kvdmeg5ov7a7s6zeyexyojkpi"
    assert paths.owner_hash("ada") == "7dcxlv4ezfyqwmytzkpfmhpdxi"


def test_another_owner_key_object_or_generation_names_another_job() -> None:
    ids = {
        paths.job_id_for_key("ada", "k-1"),
        paths.job_id_for_key("ada", "k-2"),
        paths.job_id_for_key("bob", "k-1"),
        paths.job_id_for_key("adak", "-1"),
        paths.job_id_for_upload("ada", "k-1", 1),
        paths.job_id_for_upload("ada", "k-1", 2),
        paths.job_id_for_upload("ada", "k-11", 1),
    }
    assert len(ids) == 7
    assert all(paths.JOB_ID.match(job_id) for job_id in ids)


@pytest.mark.parametrize(
    "text",
    ["", "job_", JOB + "a", JOB[:-1], JOB.upper(), JOB + "\n", "job_" + "1" * 26, f"../{JOB}", f"{JOB}/x"],
)
def test_what_is_no_job_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        paths.check_job_id(text)


def test_every_object_of_a_job_has_its_own_name() -> None:
    names = [
        paths.job_record(JOB),
        paths.open_marker(JOB),
        paths.index_entry("ada", datetime.now(UTC), JOB),
        paths.input_picture(JOB, "0" * 64),
        paths.input_picture(JOB, "1" * 64),
        paths.late_result_picture(JOB, 0, "png", 2),
        paths.checkpoint_file(JOB, 0),
        paths.delivery_record(JOB),
        paths.result_picture(JOB, 0, "png"),
        paths.result_picture(JOB, 0, "jpeg"),
        paths.manifest(JOB),
    ]
    assert len(set(names)) == len(names)
    assert all(JOB in name for name in names)


def test_results_lie_under_the_prefix_that_is_swept_and_checkpoints_under_theirs() -> None:
    for name in (paths.result_picture(JOB, 7, "webp"), paths.manifest(JOB)):
        assert name.startswith(paths.results_prefix(JOB))
    assert paths.checkpoint_file(JOB, 3).startswith(paths.checkpoints_prefix(JOB))


@given(instants, st.integers(1, 10**9))
def test_the_index_sorts_the_newest_first(created: datetime, later: int) -> None:
    newer = created + timedelta(milliseconds=later)
    assert paths.index_entry("ada", newer, JOB) < paths.index_entry("ada", created, JOB)


@given(instants)
def test_an_index_entry_lies_under_its_owner_only(created: datetime) -> None:
    entry = paths.index_entry("ada", created, JOB)
    assert entry.startswith(paths.index_prefix("ada"))
    assert not entry.startswith(paths.index_prefix("bob"))
    assert "ada" not in entry


def test_a_pictures_mark_is_its_own_and_the_same_at_every_attempt() -> None:
    marks = {paths.watermark_payload(job_id, n) for job_id in (JOB, paths.new_job_id()) for n in range(8)}
    assert len(marks) == 16
    assert all(0 <= mark < 2**64 for mark in marks)
    assert paths.watermark_payload(JOB, 0) == paths.watermark_payload(JOB, 0)


def test_only_a_manifest_is_taken_for_one() -> None:
    assert paths.job_id_of_manifest(paths.manifest(JOB)) == JOB
    for name in (
        paths.result_picture(JOB, 0, "png"),
        "manifest.json",
        f"x/{JOB}/manifest.json",
        f"{JOB}/a/manifest.json",
        f"{JOB}\n/manifest.json",
        f"{JOB}/manifest.json.tmp",
        "job_x/manifest.json",
    ):
        assert paths.job_id_of_manifest(name) is None


def test_uploads_through_the_api_start_nothing_and_belong_to_their_owner() -> None:
    upload_id = paths.new_upload_id()
    name = paths.uploaded_picture("ada", upload_id)
    assert name.startswith(paths.UPLOADED_BY_API)
    assert name != paths.uploaded_picture("bob", upload_id)


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("boats/red.png", "recipes/boats.json"),
        ("sea/boats/red.png", "recipes/sea/boats.json"),
        ("red.png", None),
        ("é" * 506 + "/red.png", None),  # its recipe's name would be longer than a name can be
        ("é" * 500 + "/red.png", f"recipes/{'é' * 500}.json"),
    ],
)
def test_the_recipe_is_that_of_the_folder(name: str, recipe: str | None) -> None:
    assert paths.recipe_for(name) == recipe


def test_a_message_is_set_aside_once_however_often_it_comes() -> None:
    assert paths.quarantined(b"x") == paths.quarantined(b"x") != paths.quarantined(b"y")


@pytest.mark.parametrize(
    "uri",
    [
        "gs://uploads/a.png",
        "gs://my.bucket-1/a b/ü/#?%.png",
        "gs://uploads/..a/b..",
        "gs://uploads//a",
        "gs://uploads/" + "a" * 1_024,
    ],
)
def test_an_object_is_named_as_it_was_written(uri: str) -> None:
    assert str(paths.parse_uri(uri)) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "uploads/a.png",
        "https://uploads/a.png",
        "gs://uploads",
        "gs://uploads/",
        "gs:///a.png",
        "gs://Uploads/a.png",
        "gs://-uploads/a.png",
        "gs://up/../a.png",
        "gs://uploads/../records/a",
        "gs://uploads/a/..",
        "gs://uploads/./a",
        "gs://../a",
        "gs://uploads/a\nb",
        "gs://uploads/a.png\n",
        "gs://uploads/" + "a" * 1_025,
        "gs://uploads/" + "é" * 513,
        " gs://uploads/a.png",
    ],
)
def test_what_names_no_object_or_climbs_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest, match="gs://bucket/name"):
        paths.parse_uri(uri)


@given(st.text())
def test_any_text_is_a_uri_or_refused(text: str) -> None:
    for uri in (text, f"gs://uploads/{text}"):
        try:
            name = paths.parse_uri(uri).name
        except InvalidRequest:
            continue
        assert ".." not in name.split("/")
        assert len(name.encode()) <= 1_024
