"""``plantain batch``, through the entry point that the shell calls, against a stack with the mock engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.stack.stack_process import StackProcess
from tests.command import Command
from tests.eventually import eventually

OK, FAILED, INVALID = 0, 1, 2
BOAT = {"prompt": "a red boat", "size": "512"}


def written(tmp_path: Path, *lines: Any, name: str = "boats.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


DEFAULTS = ("--defaults", '{"task": "generate"}')


def test_a_file_is_sent_followed_and_summed_up(plantain: Command, tmp_path: Path) -> None:
    file = written(tmp_path, BOAT, {"custom_id": "two", "request": BOAT})
    done = plantain("batch", file, *DEFAULTS, "-o", tmp_path / "summary.json")
    assert done.status == OK, done.err
    assert "completed" in done.out
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert summary["counts"] == {"succeeded": 2}
    assert [item.get("custom_id") for item in summary["items"]] == [None, "two"]


def test_a_bad_line_is_shown_and_is_the_exit_status(plantain: Command, tmp_path: Path) -> None:
    done = plantain("batch", written(tmp_path, BOAT, {"custom_id": "[bad]", "size": "9K"}), *DEFAULTS)
    assert done.status == FAILED
    assert "[bad]" in done.out
    assert "unsupported_size" in done.out


def test_json_is_the_summary(plantain: Command, tmp_path: Path) -> None:
    done = plantain("batch", written(tmp_path, BOAT), *DEFAULTS, "--json")
    assert json.loads(done.out)["counts"] == {"succeeded": 1}


def test_a_batch_that_was_begun_is_canceled_by_its_id(
    plantain: Command, stack: StackProcess, tmp_path: Path
) -> None:
    slow = {**BOAT, "labels": {"mock.seconds": "120", "mock.steps": "1000"}}
    batch = plantain("batch", written(tmp_path, slow, slow), *DEFAULTS, "--no-wait").out.strip()
    address = f"{stack.state['api']}/v1/batches/{batch}"
    eventually(lambda: sum(httpx.get(address).json()["counts"].values()) == 2, "the jobs of both lines")
    done = plantain("batch", batch, "--cancel", "--json")
    assert done.status == FAILED
    summary = json.loads(done.out)
    assert (summary["state"], summary["counts"]) == ("canceled", {"canceled": 2})


def test_a_key_is_one_batch_however_often_its_file_is_sent(plantain: Command, tmp_path: Path) -> None:
    file = written(tmp_path, BOAT)
    begun = [plantain("batch", file, *DEFAULTS, "--key", "nightly", "--no-wait") for _ in range(2)]
    assert begun[0].out == begun[1].out, begun[1].err


def test_a_file_may_be_called_as_a_batch_is(
    plantain: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, BOAT, name="batch_boats.jsonl")
    monkeypatch.chdir(tmp_path)
    done = plantain("batch", "batch_boats.jsonl", *DEFAULTS, "--no-wait")
    assert done.status == OK, done.err


def test_a_file_is_not_canceled_by_beginning_it(plantain: Command, tmp_path: Path) -> None:
    done = plantain("batch", written(tmp_path, BOAT), *DEFAULTS, "--cancel")
    assert (done.status, "--cancel" in done.err) == (INVALID, True)


@pytest.mark.parametrize("arguments", [("nowhere.jsonl",), ("batch_x",), ("x.jsonl", "--defaults", "{")])
def test_what_cannot_be_done_is_said(plantain: Command, arguments: tuple[str, ...]) -> None:
    assert plantain("batch", *arguments).status == INVALID
