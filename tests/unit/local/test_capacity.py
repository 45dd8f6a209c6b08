"""The laptop's functions work on as many requests at once as the cloud's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from functions.job_end_watcher import waiting_places
from local.capacity import CONCURRENCY, EVENT_FUNCTIONS

ROOT = Path(__file__).parents[3]


def in_terraform() -> dict[str, int]:
    """What ``local.functions`` of terraform/functions.tf says: each function's concurrency."""
    text = (ROOT / "terraform" / "functions.tf").read_text("utf-8")
    block = text.partition("functions = {")[2].partition("\n  }\n")[0]
    found = re.findall(r"\n    (\w+) = \{(.*?)\n    \}", block, re.DOTALL)
    return {name: int(re.findall(r"concurrency\s*=\s*(\d+)", body)[0]) for name, body in found}


def entry_points() -> set[str]:
    tree = ast.parse((ROOT / "functions" / "main.py").read_text("utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return {node.name for node in functions if node.decorator_list}


def test_the_figures_are_terraform_s() -> None:
    assert in_terraform() == CONCURRENCY


def test_every_function_has_a_figure() -> None:
    assert set(CONCURRENCY) == entry_points()
    assert {"api", *EVENT_FUNCTIONS} == set(CONCURRENCY)


def test_eighty_may_wait_and_some_threads_stay_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", str(CONCURRENCY["api"]))
    assert 80 <= waiting_places() <= CONCURRENCY["api"] - 16
