"""The tables in docs/ say what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.contract.errors import PlantainError
from functions.contract.request import JobRequest
from functions.notifications.deliveries import SCHEDULE
from local.cli.output import STATUSES
from local.pubsub.faults import PubSubFaults
from local.stack.fault_control import read_faults
from tools.reference.__main__ import main
from tools.reference.errors import service_errors
from tools.reference.faults import SERVERS, fault_table
from tools.reference.pages import SECTIONS, find_outdated_pages, renew_page, used_sections
from tools.reference.webhooks import payload_tables, schedule_table

DOCS = Path("docs")


def test_the_committed_pages_are_those_of_the_code() -> None:
    assert find_outdated_pages(DOCS) == []


def test_every_section_is_on_a_page() -> None:
    assert used_sections(DOCS) == set(SECTIONS)


def test_the_check_names_what_differs_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- made: errors -->\nof last year\n<!-- end -->\n\nMine.\n")
    assert main([str(tmp_path), "--check"]) == 1
    assert "page.md" in capsys.readouterr().err
    assert "of last year" in page.read_text()

    assert main([str(tmp_path)]) == 0
    assert "of last year" not in page.read_text()
    assert page.read_text().endswith("<!-- end -->\n\nMine.\n")
    assert main([str(tmp_path), "--check"]) == 0


def test_an_unknown_section_is_an_error() -> None:
    with pytest.raises(KeyError):
        renew_page("<!-- made: nonsense -->\n<!-- end -->")


@pytest.mark.parametrize("field", JobRequest.model_fields)
def test_every_field_has_a_row_that_says_what_it_is(field: str) -> None:
    (row,) = [line for line in SECTIONS["request"]().splitlines() if line.startswith(f"| `{field}` |")]
    cells = [cell.strip() for cell in row.split(" | ")]
    assert len(cells) == 4
    assert all(cell.strip("| ") for cell in cells)


def test_every_error_of_the_service_has_a_row_and_a_remedy() -> None:
    rows = {line.split("`")[1]: line for line in service_errors().splitlines() if line.startswith("| `")}
    tree = [error for error in PlantainError.tree().values() if error.__module__.startswith("functions.")]
    assert rows.keys() == {error.code for error in tree}
    assert all(error.remedy and error.remedy in rows[error.code] for error in tree)


def test_only_a_fault_of_ours_has_the_advice_for_one() -> None:
    rows = [line for line in service_errors().splitlines() if PlantainError.remedy in line]
    assert [line.split("`")[1] for line in rows] == ["internal"]


def test_every_object_in_a_webhook_has_a_table() -> None:
    tables = payload_tables()
    assert "object: the block" in tables
    assert "**`block`**" in tables
    assert "object: blockfacts" not in tables


def test_every_attempt_has_a_row() -> None:
    assert schedule_table().count("\n") == 2 + 1 + len(SCHEDULE)


@pytest.mark.parametrize("server", SERVERS)
def test_every_fault_is_described(server: str) -> None:
    named = [line for line in fault_table().splitlines() if line.startswith(f"| `{server}.")]

    class Server:
        faults = SERVERS[server]()

    known = set(read_faults(Server())) - {"seed"}
    assert {line.split("`")[1].partition(".")[2] for line in named} == known
    assert PubSubFaults in SERVERS.values()


def test_every_exit_status_is_explained() -> None:
    assert set(STATUSES) == {0, 1, 2, 3, 130}
    assert all(f"| {status} |" in SECTIONS["exit-statuses"]() for status in STATUSES)
