"""``plantain keys``, through the entry point that the shell calls."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.callers import caller_of_key
from functions.contract.api_keys.key_list import KeyList
from functions.contract.document import now
from functions.contract.errors import InvalidKey
from functions.contract.owner_limits import OwnerLimits
from functions.contract.settings import Settings
from functions.limits.allowance import limits_of
from local.cli.keys import app
from local.cli.output import INVALID
from tests.command import Command, Result, run_command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command with the file's name in the variable."""

    def run(file: Path | None, *arguments: str) -> Result:
        if file:
            monkeypatch.setenv("PLANTAIN_API_KEYS_FILE", str(file))
        return run_command(monkeypatch, capsys, "keys", *arguments)

    return run


def listed(file: Path) -> KeyList:
    return KeyList.parse(file.read_bytes())


def owner_of(key: str, file: Path, **fields: Any) -> str | None:
    buckets = {"uploads_bucket": "u", "results_bucket": "r", "jobs_bucket": "j"}
    settings = Settings.model_validate({"project": "p", **buckets, "api_keys_file": str(file), **fields})
    caller = caller_of_key(key, settings)
    return caller and caller.owner


def test_a_key_is_shown_once_and_counts(keys: Command, file: Path) -> None:
    made = keys(file, "create", "--owner", "ada", "--name", "the site", "--expires", "90d")
    key = made.out.strip()
    assert made.status == 0
    assert "not shown again" in made.err
    assert key not in made.err
    assert key.rpartition("_")[2] not in file.read_text("utf-8")
    assert owner_of(key, file) == "ada"
    (entry,) = listed(file).keys.values()
    assert entry.scopes == ("generate", "read")
    assert entry.expires
    assert timedelta(days=89) < entry.expires - now() < timedelta(days=91)
    shown = keys(file, "list")
    assert "the site" in shown.out
    assert key.rpartition("_")[2] not in shown.out + keys(file, "list", "--json").out
    assert entry.sha256 not in shown.out + keys(file, "list", "--json").out


def test_a_revoked_key_does_not_count(keys: Command, file: Path) -> None:
    made = keys(file, "create", "--owner", "ada", "--scopes", "admin,read", "--json").json
    assert made["scopes"] == ["admin", "read"]
    assert keys(file, "revoke", made["id"]).status == 0
    with pytest.raises(InvalidKey, match="revoked"):
        owner_of(made["key"], file)
    (found,) = keys(file, "list", "--json").json["keys"]
    assert found["state"] == "revoked"
    when = listed(file).keys[made["id"]].revoked
    assert keys(file, "revoke", made["id"]).status == 0
    assert listed(file).keys[made["id"]].revoked == when


def test_a_rotated_key_ends_later_and_the_new_one_is_like_it(keys: Command, file: Path) -> None:
    old = keys(file, "create", "--owner", "ada", "--scopes", "read", "--name", "site", "--json").json
    new = keys(file, "rotate", old["id"], "--keep", "12h", "--json").json
    assert (new["owner"], new["scopes"], new["name"]) == ("ada", ["read"], "site")
    assert "expires" not in new
    assert owner_of(old["key"], file) == owner_of(new["key"], file) == "ada"
    end = listed(file).keys[old["id"]].expires
    assert end
    assert timedelta(hours=11) < end - now() < timedelta(hours=13)


def test_a_key_without_an_id_is_named_by_its_digest(keys: Command, file: Path) -> None:
    digests = {f"{n:02x}" + "0" * 62: f"owner{n}" for n in range(2)}
    file.write_text(json.dumps(digests), "utf-8")
    assert "00000000" in keys(file, "list").out
    assert keys(file, "revoke", "00000000").status == 0
    assert list(listed(file).digests.values()) == ["owner1"]


def test_an_owner_is_limited_and_freed(keys: Command, file: Path) -> None:
    keys(file, "create", "--owner", "ada")
    assert keys(file, "limit", "ada", "--jobs-at-once", "4", "--bytes-per-day", "1000").status == 0
    assert keys(file, "limit", "*", "--jobs-per-minute", "9").status == 0
    assert "ada: jobs_at_once 4, bytes_per_day 1000" in keys(file, "list").out
    settings = Settings(
        project="p", uploads_bucket="u", results_bucket="r", jobs_bucket="j", api_keys_file=str(file)
    )
    assert limits_of("ada", settings) == OwnerLimits(jobs_at_once=4, jobs_per_minute=9, bytes_per_day=1000)
    assert limits_of("bob", settings) == OwnerLimits(jobs_per_minute=9)
    assert keys(file, "limit", "ada").status == 0
    assert list(listed(file).limits) == ["*"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "--owner", " "],
        ["create", "--owner", "ada", "--scopes", "write"],
        ["create", "--owner", "ada", "--scopes", ""],
        ["create", "--owner", "ada", "--expires", "yesterday"],
        ["create", "--owner", "ada", "--expires", "2020-01-01T00:00:00Z"],
        ["create", "--owner", "ada", "--expires", "0d"],
        ["create", "--owner", "ada", "--secret", "plantain-api-keys"],
        ["limit", "ada", "--jobs-at-once", "0"],
        ["limit", "", "--jobs-at-once", "1"],
        ["revoke", "aaaaaaaa"],
        ["rotate", "aaaaaaaa"],
    ],
)
def test_a_mistake_changes_nothing(keys: Command, file: Path, arguments: list[str]) -> None:
    file.write_bytes(KeyList().encode())
    before = file.read_bytes()
    found = keys(file, *arguments)
    assert found.status != 0
    assert found.err.startswith("error:")
    assert file.read_bytes() == before


def test_without_a_place_there_is_a_hint(keys: Command) -> None:
    found = keys(None, "list")
    assert found.status == INVALID
    assert "--secret" in found.err


def test_every_command_says_what_it_does() -> None:
    assert all(command.callback and command.callback.__doc__ for command in app.registered_commands)
