"""What the command line asks for is what was given, and nothing that was not."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from local.cli.pictures import request_of


def test_a_nought_is_given_and_an_empty_list_is_not() -> None:
    asked = request_of("generate", prompt="a boat", seed=0, guidance=0.0, images=[], model=None)
    assert asked == {"task": "generate", "prompt": "a boat", "seed": 0, "guidance": 0.0}


def test_options_are_written_as_the_service_names_them() -> None:
    asked = request_of("generate", label=["team=red"], webhook="https://a.b/c", deadline=9, visible_mark=True)
    assert asked == {
        "task": "generate",
        "labels": {"team": "red"},
        "webhook": {"url": "https://a.b/c"},
        "deadline_seconds": 9,
        "visible_mark": True,
    }


def test_the_file_s_ending_names_the_format_unless_one_is_named() -> None:
    assert request_of("generate", output=Path("boat.jpg"))["format"] == "jpeg"
    assert request_of("generate", output=Path("boat.jpg"), format="png")["format"] == "png"
    assert "format" not in request_of("generate", output=Path("folder"))


def test_a_label_without_a_value_is_refused() -> None:
    with pytest.raises(typer.BadParameter):
        request_of("generate", label=["red"])
