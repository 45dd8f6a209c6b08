"""Claims: what they state about a picture, and what they do not."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from functions.contract.release import RELEASE
from tests.unit.worker.credentials.signed_files import sample_claims
from worker.credentials.claims import GENERATOR, action_names
from worker.credentials.digital_source_types import (
    COMPOSITE,
    ENHANCED,
    GENERATED,
    has_parent,
    source_type_of_task,
)
from worker.credentials.xmp_packet import build_xmp_packet

ROOT = Path(__file__).parents[4]


def test_the_generators_version_is_the_projects() -> None:
    dynamic = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["dynamic"]
    assert dynamic["version"] == {"attr": "functions.contract.release.RELEASE"}
    assert GENERATOR["version"] == RELEASE


@pytest.mark.parametrize(
    ("task", "source", "parent"),
    [
        ("generate", GENERATED, False),
        ("sequence", GENERATED, False),
        ("edit", COMPOSITE, True),
        ("outpaint", COMPOSITE, True),
        ("upscale", ENHANCED, True),
    ],
)
def test_each_task_has_its_source_type(task: str, source: str, parent: bool) -> None:
    assert source_type_of_task(task) == source
    assert has_parent(task) is parent
    assert source in build_xmp_packet(source_type_of_task(task)).decode()


def test_the_actions_are_named_in_their_order() -> None:
    names = action_names(sample_claims(task="edit", ingredients=2, visible_mark=True))
    assert names == ["c2pa.opened", "c2pa.edited", "c2pa.watermarked.unbound", "c2pa.watermarked.bound"]


def test_the_list_of_actions_is_said_to_be_whole() -> None:
    assert sample_claims()["assertions"][0]["data"]["allActionsIncluded"] is True


def test_an_edits_references_are_inputs_of_the_edit_and_not_of_the_opening() -> None:
    opened, edited, _ = sample_claims(task="edit", ingredients=3)["assertions"][0]["data"]["actions"]
    assert opened["parameters"]["ingredientIds"] == ["plantain-input-0"]
    assert edited["parameters"]["ingredientIds"] == ["plantain-input-1", "plantain-input-2"]


def test_nothing_names_the_job_its_owner_or_its_prompt() -> None:
    text = json.dumps(sample_claims(task="edit", ingredients=2))
    assert "job" not in text
    assert "prompt" not in text
    assert "title" not in sample_claims()
