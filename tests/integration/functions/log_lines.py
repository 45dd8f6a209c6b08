"""What was logged while a test ran."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class LogLines:
    """Every line, as its event and its facts."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def hear(self, event: str, facts: Any) -> None:
        self.lines.append((event, dict(facts)))

    def of(self, event: str) -> list[dict[str, Any]]:
        """The facts of each line of ``event``."""
        return [facts for name, facts in self.lines if name == event]

    def text(self) -> str:
        """All of it, as it is written down."""
        return json.dumps(self.lines, default=str)
