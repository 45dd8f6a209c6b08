"""What the command line asks for is what was given, and nothing that was not."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from local.cli.batch import batch
from local.cli.run_request import build_request, check_key, save_job_pictures, show_estimate
from local.cli.tasks import send
from local.client.api_client import PlantainClient, ServiceUnreachable


def test_a_zero_is_given_and_an_empty_list_is_not() -> None:
    asked = build_request("generate", prompt="a boat", seed=0, guidance=0.0, images=[], model=None)
    assert asked == {"task": "generate", "prompt": "a boat", "seed": 0, "guidance": 0.0}


def test_options_are_written_as_the_service_names_them() -> None:
    asked = build_request(
        "generate", label=["team=red"], webhook="https://a.b/c", deadline=9, visible_mark=True
    )
    assert asked == {
        "task": "generate",
        "labels": {"team": "red"},
        "webhook": {"url": "https://a.b/c"},
        "deadline_seconds": 9,
        "visible_mark": True,
    }


def test_the_file_s_ending_names_the_format_and_a_folder_leaves_it_open(tmp_path: Path) -> None:
    assert build_request("generate", output=tmp_path / "boat.jpg")["format"] == "jpeg"
    assert build_request("generate", output=tmp_path, format="webp")["format"] == "webp"
    assert "format" not in build_request("generate", output=tmp_path)


@pytest.mark.parametrize(("name", "format"), [("boat.gif", None), ("boat.jpg", "png"), ("no/boat.png", None)])
def test_a_name_that_cannot_be_saved_under_is_refused(tmp_path: Path, name: str, format: str | None) -> None:
    with pytest.raises(SystemExit) as refused:
        build_request("generate", output=tmp_path / name, format=format)
    assert refused.value.code == 2


def test_attempts_are_the_correction_s() -> None:
    assert build_request("edit", attempts=3)["correction"] == {"attempts": 3}
    assert "correction" not in build_request("edit")


@pytest.mark.parametrize("key", ["", "ö", "a\n", "k" * 256])
def test_a_key_that_no_header_carries_is_refused(key: str) -> None:
    with pytest.raises(typer.BadParameter):
        check_key(key)


def test_a_label_without_a_value_is_refused() -> None:
    with pytest.raises(typer.BadParameter):
        build_request("generate", label=["red"])


def test_a_request_whose_format_is_no_text_is_the_service_s_to_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTAIN_URL", "http://127.0.0.1:9")  # which nothing answers at
    request = tmp_path / "request.json"
    request.write_text('{"task": "generate", "prompt": "a boat", "format": 3}')
    with pytest.raises(ServiceUnreachable):
        send(str(request), output=tmp_path / "boat.png")


@pytest.mark.parametrize("defaults", ["{", "[" * 100_000])
def test_defaults_that_are_no_json_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defaults: str
) -> None:
    monkeypatch.setenv("PLANTAIN_URL", "http://127.0.0.1:9")
    lines = tmp_path / "lines.jsonl"
    lines.write_text("{}\n")
    with pytest.raises(SystemExit) as refused:
        batch(str(lines), defaults=defaults)
    assert refused.value.code == 2


def test_what_was_not_measured_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    show_estimate({"estimate": {"paid_calls": 0, "seconds": None}}, json=False)
    told = capsys.readouterr().out
    assert "not measured yet" in told
    assert "None" not in told


def test_pictures_of_another_kind_are_told_in_whole_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = {"id": "job_a", "images": [{"uri": "gs://results/job_a/0.jpg"}]}
    with PlantainClient("http://127.0.0.1:9") as plantain, pytest.raises(SystemExit) as refused:
        save_job_pictures(plantain, job, tmp_path / "boat.png")
    assert refused.value.code == 1
    told = capsys.readouterr().err
    assert "names another kind. The job has succeeded: `plantain download job_a`" in told
