"""``plantain``: runs the laptop's stack and handles jobs, there or on a deployment, from a terminal."""

from __future__ import annotations

import sys
from typing import NoReturn

from functions.contract.paused_collection import paused_collection
from local.light_imports import leave_out_unused_parts

_LOCAL_EXTRA = {"typer", "rich", "starlette", "uvicorn"}


def main() -> NoReturn:
    """Runs a command, or says which packages the command line needs."""
    leave_out_unused_parts()
    try:
        with paused_collection():
            from local.cli.app import main as run_command
    except ModuleNotFoundError as missing:
        if missing.name not in _LOCAL_EXTRA:
            raise
        print(f"{missing.name} is missing: install Plantain with its extra `local`.", file=sys.stderr)
        sys.exit(2)
    run_command()


__all__ = ["main"]
