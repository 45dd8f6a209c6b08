"""The names of objects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import ids, paths

JOB = "job_" + "a" * 26
instants = st.datetimes(datetime(2000, 1, 1), datetime(3000, 1, 1), timezones=st.just(UTC))


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
    upload_id = ids.new_upload_id()
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
