"""What ``plantain models show starter`` lists."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from local.cli.app import build_app
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS


def test_the_starter_s_whole_vocabulary_is_listed() -> None:
    shown = CliRunner().invoke(build_app(), ["models", "show", "starter"])
    assert shown.exit_code == 0, shown.output
    for names in (*(each.names[0] for each in SUBJECTS.values()), *COLOURS):
        assert names in shown.output
    assert "Japanese" in shown.output


def test_programs_get_it_as_lists() -> None:
    shown = CliRunner().invoke(build_app(), ["models", "show", "starter", "--json"])
    vocabulary = json.loads(shown.stdout)["vocabulary"]
    assert vocabulary["colours"] == list(COLOURS)
    assert len(vocabulary["languages"]) == 8
