"""The watermark's keys: their sources, and retired keys that still read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from worker.settings import WorkerSettings
from worker.watermark.watermark_keys import KeyMissing, known_watermark_keys, watermark_key

ONE, TWO = "ab" * 32, "cd" * 32


def settings(data: Path, **variables: str) -> WorkerSettings:
    least = {
        "PLANTAIN_PROFILE": "local",
        "PLANTAIN_PROJECT": "demo",
        "PLANTAIN_UPLOADS_BUCKET": "uploads",
        "PLANTAIN_RESULTS_BUCKET": "results",
        "PLANTAIN_JOBS_BUCKET": "jobs",
        "PLANTAIN_DATA": str(data),
    }
    return WorkerSettings.from_environment({**least, **variables})


def test_a_laptop_makes_its_key_once(tmp_path: Path) -> None:
    first = watermark_key(settings(tmp_path))
    assert len(first) == 32
    assert watermark_key(settings(tmp_path)) == first
    assert known_watermark_keys(settings(tmp_path)) == {1: first}


def test_asking_for_known_keys_makes_none(tmp_path: Path) -> None:
    assert known_watermark_keys(settings(tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_laptop_rotates_its_key_by_the_version(tmp_path: Path) -> None:
    first = watermark_key(settings(tmp_path))
    rotated = settings(tmp_path, PLANTAIN_WATERMARK_KEY_VERSION="2")
    second = watermark_key(rotated)
    assert second != first
    assert list(known_watermark_keys(rotated).items()) == [(2, second), (1, first)]


def test_production_never_makes_a_key(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        watermark_key(settings(tmp_path, PLANTAIN_PROFILE="production"))


def test_retired_keys_come_after_the_present_one(tmp_path: Path) -> None:
    found = known_watermark_keys(
        settings(
            tmp_path,
            PLANTAIN_PROFILE="production",
            PLANTAIN_WATERMARK_KEY=TWO,
            PLANTAIN_WATERMARK_KEY_VERSION="2",
            PLANTAIN_WATERMARK_RETIRED_KEYS=json.dumps({"1": ONE}),
        )
    )
    assert list(found.items()) == [(2, bytes.fromhex(TWO)), (1, bytes.fromhex(ONE))]


def test_keys_are_not_in_what_the_settings_show(tmp_path: Path) -> None:
    retired = json.dumps({"1": ONE})
    shown = repr(settings(tmp_path, PLANTAIN_WATERMARK_KEY=TWO, PLANTAIN_WATERMARK_RETIRED_KEYS=retired))
    assert ONE not in shown
    assert TWO not in shown


@pytest.mark.parametrize("text", ["", "ab", "not hexadecimal", ONE[:-2]])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    retired = settings(tmp_path, PLANTAIN_WATERMARK_RETIRED_KEYS=json.dumps({"1": text}))
    with pytest.raises(ValueError, match="64 hexadecimal digits") as refused:
        known_watermark_keys(retired)
    assert not text or text not in str(refused.value)
