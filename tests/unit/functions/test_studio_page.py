"""The studio's files: what a first visit loads, and where they are."""

from __future__ import annotations

import re

from functions.studio.page import FILES

IMPORT = re.compile(r'(?:^import\b[^;"]*?\bfrom\s+|\bimport\()"([^"]+)"', re.MULTILINE)


def test_every_module_that_is_imported_is_there() -> None:
    for name, file in FILES.files.items():
        if not name.endswith(".js") or name.startswith("vendor/"):
            continue
        folder = name.rpartition("/")[0]
        for imported in IMPORT.findall(file.data.decode()):
            steps = [step for step in folder.split("/") if step]
            for step in imported.split("/"):
                if step == "..":
                    steps.pop()
                elif step != ".":
                    steps.append(step)
            assert "/".join(steps) in FILES.files, f"{name} imports {imported}"


def test_no_file_is_long() -> None:
    ours = {name: file for name, file in FILES.files.items() if not name.startswith("vendor/")}
    assert {name for name, file in ours.items() if file.data.count(b"\n") > 300} == set()
