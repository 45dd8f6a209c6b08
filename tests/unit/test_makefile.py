"""`make` alone says what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_make_lists_each_target_with_one_line() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make ([a-z-]+) +\w.*$", listed, re.MULTILINE) == phony.split()


def test_only_the_gate_knows_what_lies_beside_the_checkout() -> None:
    found = subprocess.run(["git", "grep", "-l", r"\.\./shared"], cwd=ROOT, capture_output=True, text=True)
    assert set(found.stdout.split()) <= {".ci/run", "tests/unit/test_makefile.py"}
