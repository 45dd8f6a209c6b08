"""One fault to plant in a copy of terraform/: a replacement of exact text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    old: str
    new: str
    suite: str = (
        ""  # a file of terraform/tests/suites, whose tests find it; empty: the tests beside that folder
    )

    def plant(self, folder: Path) -> None:
        """Plants the fault. Raises ValueError when its place is missing, or there is more than one."""
        path = folder / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} has its text {text.count(self.old)} times, not once")
        path.write_text(text.replace(self.old, self.new), "utf-8")
