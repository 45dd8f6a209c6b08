"""The schemas on paper are those of the models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.contract import schemas


def test_the_committed_pages_are_those_of_the_contract() -> None:
    assert schemas.differing_files(Path("docs/schemas")) == []


def test_writing_twice_writes_the_same(tmp_path: Path) -> None:
    directory = tmp_path / "docs" / "schemas"
    assert schemas.main([str(directory)]) == 0
    first = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert schemas.main([str(directory)]) == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == first
    assert len(first) == len(schemas.DOCUMENTS) + 1


def test_the_check_names_what_differs_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "schemas"
    schemas.write_files(directory)
    assert schemas.main([str(directory), "--check"]) == 0

    (directory / "manifest.json").write_text("{}")
    (directory / "event.json").unlink()
    (directory / "forgotten.json").write_text("{}")
    assert schemas.main([str(directory), "--check"]) == 1

    said = capsys.readouterr().err
    assert all(name in said for name in ("manifest.json", "event.json", "forgotten.json"))
    assert (directory / "manifest.json").read_text() == "{}"
    assert not (directory / "event.json").exists()


@pytest.mark.parametrize("name", sorted(schemas.DOCUMENTS))
def test_a_schema_has_an_id_with_the_version_and_refuses_unknown_fields(name: str) -> None:
    schema = json.loads(schemas.schema_text(name))
    assert schema["$id"] == f"urn:plantain:schema:{name}:1"
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", ["job-request", "event", "batch-event", "error"])
def test_every_property_that_a_caller_meets_is_described(name: str) -> None:
    schema = json.loads(schemas.schema_text(name))
    parts = {name: schema, **schema.get("$defs", {})}
    silent = [
        f"{part}.{field}"
        for part, model in parts.items()
        for field, facts in model.get("properties", {}).items()
        if not facts.get("description")
    ]
    assert silent == []
