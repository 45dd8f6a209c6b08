"""A trace that is not there yet says why, and one that is not whole says so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from functions.contract import ids
from functions.contract.errors import InvalidRequest, NotFound
from functions.contract.telemetry import JOB
from local.cli.trace import trace
from local.data_folder import DataDirectory
from local.traces.received_spans import ReceivedSpan, append_spans

JOB_ID = ids.job_id_for_key("somebody", "a key")


def kept(directory: Path, ended: int) -> None:
    span = ReceivedSpan(
        "t", "s", "", "admit", "server", "plantain-functions", ended - 10, ended, None, {JOB: JOB_ID}
    )
    append_spans(DataDirectory(directory).traces, [span])


def test_a_folder_without_spans_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="--data") as refused:
        trace(JOB_ID, tmp_path)
    assert "plantain up --trace" in refused.value.message


def test_a_job_whose_spans_have_not_come_says_that_they_come(tmp_path: Path) -> None:
    kept(tmp_path, time.time_ns())
    with pytest.raises(NotFound, match="yet"):
        trace(ids.job_id_for_key("somebody", "another"), tmp_path)


@pytest.mark.parametrize(("age_seconds", "says"), [(0, True), (3_600, False)])
def test_a_fresh_trace_says_that_spans_are_still_coming(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], age_seconds: int, says: bool
) -> None:
    kept(tmp_path, time.time_ns() - age_seconds * 10**9)
    trace(JOB_ID, tmp_path)
    captured = capsys.readouterr()
    assert "admit" in captured.out
    assert ("still coming" in captured.err) is says


def test_what_is_no_job_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        trace("nonsense", tmp_path)
