"""Other people's clients: programs that are installed here, or not."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 280


def _program(name: str) -> str:
    """Returns where a program is. Without it the test is skipped, or fails in CI if .ci/run installs it."""
    is_installed_by_ci = name in ("node", "npm") and os.environ.get("CI") == "true"
    missing = pytest.fail if is_installed_by_ci else pytest.skip
    return shutil.which(name) or missing(f"{name} is not installed")


def _check_package(path: Path) -> None:
    """Skips at home, and fails in CI, where a package is missing that could be installed."""
    if not path.exists():
        reason = f"{path.relative_to(ROOT)} is missing: make clients"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


class Program:
    """A program in an environment of its own."""

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self.folder = folder
        self._command = command
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_EMULATOR_HOST")}
        self._environment = {**kept, **environment}

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        """What it prints; it must succeed, or fail."""
        done = subprocess.run(
            [*self._command, *arguments],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        text = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, text
        return text if fails else done.stdout


def gcloud(folder: Path, storage: str = "", pubsub: str = "") -> Program:
    """Google's command line, pointed at emulators."""
    environment = {
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "CLOUDSDK_CORE_PROJECT": "plantain-test",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_STORAGE_PROCESS_COUNT": "1",  # each further one starts gcloud again
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{storage}/storage/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB": f"http://{pubsub}/",
    }
    return Program([_program("gcloud")], environment, folder)


def node(folder: Path, script: Path, environment: Mapping[str, str]) -> Program:
    """A script with Google's packages for Node, which ``make clients`` installs."""
    program, modules = _program("node"), ROOT / ".clients" / "node_modules"
    _check_package(modules / "@google-cloud" / "storage")
    return Program([program, str(script)], {"NODE_PATH": str(modules), **environment}, folder)


def gcsfs_python(folder: Path, storage: str) -> Program:
    """A Python that has gcsfs and pandas, which ``make clients`` installs."""
    found = ROOT / ".clients" / "venv" / "bin" / "python"
    _check_package(found)
    environment = {"STORAGE_EMULATOR_HOST": storage, "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"}
    return Program([str(found)], environment, folder)
