"""The counts of rooms, arrows, circles and names, on a small checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.code_structure import find_circles, main, measure_checkout, room_graph

FILES = {
    "functions/__init__.py": "",
    "functions/main.py": "from .intake.admission import admit_job\n",
    "functions/intake/__init__.py": "",
    "functions/intake/admission.py": """
from ..contract import job

class Plan:
    def admit(self) -> None: ...

def admit_job() -> None:
    import functions.contract.job
""",
    "functions/contract/__init__.py": "",
    "functions/contract/job.py": "class Plan: ...\n\ndef read() -> None: ...\n",
    "worker/runner.py": "from functions.contract.job import Plan\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_every_import_is_an_arrow_between_rooms(checkout: Path) -> None:
    assert room_graph(measure_checkout(checkout).imports) == {
        "functions": set(),
        "functions.main": {"functions.intake"},
        "functions.intake": {"functions.contract"},
        "functions.contract": set(),
        "worker.runner": {"functions.contract"},
    }


def test_names_are_counted(checkout: Path) -> None:
    structure = measure_checkout(checkout)
    counts = structure.packages["functions"]
    assert (counts.functions, counts.one_word_functions) == (3, 2)
    assert structure.classes == {"Plan": ["functions.contract.job", "functions.intake.admission"]}


@pytest.mark.parametrize(
    ("graph", "circles"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set[str]()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, [["b", "c"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d", "a"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
    ],
    ids=["none", "one", "two"],
)
def test_circles_are_found(graph: dict[str, set[str]], circles: list[list[str]]) -> None:
    assert sorted(find_circles(graph)) == circles


def test_the_report_is_printed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["code_structure", str(checkout)])
    main()
    said = capsys.readouterr().out
    assert "class names that stand more than once: 1 of 1" in said
    assert "circles of modules: []" in said
