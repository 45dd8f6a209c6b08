"""Every gcloud command in our texts exists, with its flags, as gcloud itself was recorded."""

from __future__ import annotations

import pytest

from tests.unit.docs.gcloud_commands import (
    Named,
    code_of,
    installed_record,
    named_commands,
    read_command,
    read_record,
)

pytestmark = pytest.mark.slow

RECORDING = (
    "python -m tests.unit.docs.gcloud_commands records what a gcloud says of the commands that are named"
)


def test_every_command_and_flag_is_gclouds() -> None:
    record = read_record()
    faults = [f"{named}: {fault}" for named in named_commands() if (fault := record.fault(named))]
    assert faults == [], RECORDING


def test_commands_are_found_in_the_guide_and_in_the_runbooks() -> None:
    files = {named.file for named in named_commands()}
    assert {"docs/deploy.md", "docs/runbooks/drain.md", "terraform/variables.tf"} <= files


def test_a_gcloud_that_is_here_says_the_same() -> None:
    """Versions add flags; none that our texts use may be gone."""
    installed = installed_record()
    if installed is None:
        pytest.skip("gcloud is not installed")
    faults = [f"{named}: {fault}" for named in named_commands() if (fault := installed.fault(named))]
    assert faults == [], f"gcloud {installed.version}"


@pytest.mark.parametrize(
    ("line", "words", "flags"),
    [
        ("run regions list", ("run", "regions", "list"), set()),
        ("logging read 'a=\"b\"' --limit 5 | jq --raw .", ("logging", "read", 'a="b"'), {"--limit"}),
        ("secrets list --project P)", ("secrets", "list"), {"--project"}),
        ("secrets list --project P  # a --comment", ("secrets", "list"), {"--project"}),
        ("run services list --region COUNT.\"", ("run", "services", "list"), {"--region"}),
    ],
)  # fmt: skip
def test_a_line_is_read_as_a_shell_reads_it(line: str, words: tuple[str, ...], flags: set[str]) -> None:
    read = read_command("x.md", line)
    assert (read.words, read.flags) == (words, frozenset(flags))


def test_code_is_what_is_fenced_and_each_span() -> None:
    text = "Prose of gcloud here.\n\n   ```sh\n   gcloud a \\\n     --b\n   ```\n\nand `gcloud c\nd`.\n"
    assert [line.strip() for line in code_of(text, markdown=True)] == ["gcloud a  --b", "gcloud c d"]


@pytest.mark.parametrize(
    ("words", "flag", "fault"),
    [
        (("scheduler", "jobs", "pause", "x"), "--location", None),
        (("scheduler", "jobs", "pause", "x"), "--where", "it has no --where"),
        (("scheduler", "jobs", "halt"), "--location", "gcloud has no scheduler jobs halt"),
        (("schedules",), "--location", "gcloud has no schedules"),
    ],
)
def test_what_gcloud_lacks_is_found(words: tuple[str, ...], flag: str, fault: str | None) -> None:
    found = read_record().fault(Named("x.md", words, frozenset({flag})))
    assert (found or "").startswith(fault or "")
    assert (found is None) == (fault is None)
