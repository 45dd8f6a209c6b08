"""Environments of other people's clients: each with the packages that it wants, made once and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".clients"

# One environment for packages that go together: each takes half a minute to install.
GOOGLE_GENAI = {
    "3.6.1": ("google-genai==3.6.1", "langchain-google-genai==4.4.3"),
    "2.34.0": ("google-genai==2.34.0",),
}
"""The newest version of `google-genai` and the one before, with what is tried on it."""
NODE_PACKAGES = (
    "openai@6.49.0",
    "@google/genai@2.32.0",
    "ai@6.0.326",
    "@ai-sdk/google@3.0.141",
    "@ai-sdk/openai@3.0.141",
)


def python_with(*requirements: str) -> Path:
    """Returns the Python of an environment with these packages, which are exact versions.

    It is installed from the package index the first time. Where that fails the test is skipped, or fails in
    CI.
    """
    folder = KEPT / f"python-{_name_of(requirements)}"
    with _Installing(folder):
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            environment_with(folder, *requirements)
            (folder / "installed").touch()
    return folder / "bin" / "python"


def environment_with(folder: Path, *requirements: str) -> Path:
    """Makes an environment in ``folder``, which is new, and returns its Python.

    ``requirements`` are what ``uv pip install`` takes: uv needs a second where pip needs a minute.
    """
    uv = [sys.executable, "-m", "uv"]
    subprocess.run(
        [*uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)], check=True
    )
    python = folder / "bin" / "python"
    _install(
        [*uv, "pip", "install", "--quiet", "--python", str(python), "--only-binary", ":all:", *requirements]
    )
    return python


def node_modules_with(*requirements: str) -> Path:
    """Returns a folder for ``NODE_PATH`` with these packages of npm. Skips and fails as ``python_with``."""
    if shutil.which("npm") is None:
        _unavailable("npm is not installed")
    folder = KEPT / f"node-{_name_of(requirements)}"
    with _Installing(folder):
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _install(
                [
                    "npm",
                    "install",
                    "--silent",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                    str(folder),
                    *requirements,
                ]
            )
            (folder / "installed").touch()
    return folder / "node_modules"


def _name_of(requirements: tuple[str, ...]) -> str:
    return hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:12]


def _install(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        _unavailable(f"the package index does not give {command[-1]}: {done.stderr[-300:]}")


def _unavailable(reason: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


class _Installing:
    """Lets one process of a test run install an environment, while the others wait for it."""

    def __init__(self, folder: Path) -> None:
        KEPT.mkdir(exist_ok=True)
        self._file = folder.with_suffix(".lock").open("w")

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
