"""The real stack with the mock engine, whose pictures cost as little as they can."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.stack.stack_process import StackProcess

CHEAP = {"PLANTAIN_UPSCALER": "off"}
"""Pictures are enlarged by interpolation: the network is a third of a picture's work, and brings torch."""


def mock_stack(data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> StackProcess:
    """Returns ``plantain up --model mock`` with further arguments and variables, for a ``with`` block."""
    return StackProcess(data, "--model", "mock", *arguments, environment={**CHEAP, **(environment or {})})


@contextmanager
def killed_afterwards(stack: StackProcess) -> Generator[StackProcess]:
    """Runs the stack until the block is left: to stop it with grace takes seconds, and shows nothing more.

    ``tests/e2e/test_cli_up.py`` shows that a stop succeeds, and that a kill leaves no process.
    """
    with stack as running:
        try:
            yield running
        finally:
            running.process.kill()
