"""The real stack with the mock engine, whose pictures cost as little as they can."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local.stack.stack_process import StackProcess

CHEAP = {"PLANTAIN_UPSCALER": "off"}
"""Pictures are enlarged by interpolation: the network is a third of a picture's work, and brings torch."""


def mock_stack(data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> StackProcess:
    """Returns ``plantain up --model mock`` with further arguments and variables, for a ``with`` block."""
    return StackProcess(data, "--model", "mock", *arguments, environment={**CHEAP, **(environment or {})})
