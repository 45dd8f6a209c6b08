"""Locks what the worker's image installs: ``make lock`` renews the pins, ``make check`` asks if they fit.

``worker/requirements.lock`` holds one version of everything that the worker needs, with the hashes of all its
wheels, so that an image that is built next year has the same bytes inside. It is made for any Python from
3.11 on: the tests run on one, and the image's base brings another.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "worker/requirements.lock"
_EXTRA = "worker"
_PIN = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)(.*?)(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL
)
_HASH = "--hash=sha256:"
# For which machines there must be a wheel of everything: releases come that have none for Linux (yet).
_TARGET = """[tool.uv]
environments = ["sys_platform == 'linux' and platform_machine == 'x86_64'"]
"""
_OPTIONS = (
    *("--universal", "--python-version", "3.11", "--fork-strategy", "fewest"),
    *("--only-binary", ":all:", "--generate-hashes"),
    *("--quiet", "--custom-compile-command", "make lock"),
)


class LockError(Exception):
    """The lock cannot be made, or is not what it should be."""


def main(arguments: list[str]) -> int:
    """Renews the lock. ``--check`` writes nothing; ``--upgrade`` takes the newest versions, not the last
    ones.
    """
    try:
        if "--check" in arguments:
            check_lock(LOCK.read_text("utf-8"), read_requirements())
        else:
            renew_lock(upgrade="--upgrade" in arguments)
    except LockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def renew_lock(*, upgrade: bool = False) -> None:
    """Renews the lock from the package index alone; this machine's own settings of pip are not used."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise LockError("uv is not installed: pip install uv")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(_TARGET, "utf-8")
        Path(folder, "worker.in").write_text("\n".join(map(str, read_requirements())), "utf-8")
        command = [uv, "pip", "compile", "worker.in", "--output-file", str(LOCK), *_OPTIONS]
        command += ["--upgrade"] if upgrade else []
        if subprocess.run(command, cwd=folder, check=False).returncode:
            raise LockError("uv could not lock the requirements; what it says is above.")


def check_lock(lock: str, requirements: list[Requirement]) -> None:
    """Raises LockError naming each requirement that no pin meets, and each pin without a hash."""
    pins = {name: (version, hashed) for name, version, hashed in read_pins(lock)}
    wrong = [f"{name}=={version} has no hash" for name, (version, hashed) in pins.items() if not hashed]
    for requirement in requirements:
        version, _ = pins.get(canonicalize_name(requirement.name), ("", False))
        if not version or not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement} is not met by {version or 'anything'}")
    if wrong:
        raise LockError("worker/requirements.lock is out of date (make lock): " + "; ".join(wrong))


def read_pins(lock: str) -> Iterator[tuple[str, str, bool]]:
    """Yields each package's canonical name, its version, and whether it has a hash."""
    for name, version, rest in _PIN.findall(lock):
        yield canonicalize_name(name), version, _HASH in rest


def read_requirements() -> list[Requirement]:
    """Returns the requirements of the worker in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    light = (ROOT / project["tool"]["setuptools"]["dynamic"]["dependencies"]["file"][0]).read_text("utf-8")
    lines = [line for line in light.splitlines() if line and not line.startswith("#")]
    return [Requirement(line) for line in (*lines, *project["project"]["optional-dependencies"][_EXTRA])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
