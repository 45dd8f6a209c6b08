"""A wheel of Plantain, in an empty environment and any folder, is the whole product."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tests.installed import ROOT, build_wheel, install


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with ``plantain[local]``."""
    return install(wheel, ["local"], tmp_path_factory.mktemp("light") / "environment")


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with ``plantain[local,worker]``."""
    return install(wheel, ["local", "worker"], tmp_path_factory.mktemp("full") / "environment")


def plantain(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(python.with_name("plantain")), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@contextmanager
def running(python: Path, folder: Path, *arguments: str) -> Generator[dict[str, Any]]:
    """``plantain up`` as a shell's background job: interrupts are ignored, SIGTERM stops it."""
    command = [str(python.with_name("plantain")), "up", "--port", "0", "--json", *arguments]
    script = ["sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh", *command]
    own = {name: text for name, text in os.environ.items() if not name.endswith("_EMULATOR_HOST")}
    with subprocess.Popen(script, cwd=folder, env=own, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line, process.wait()
            yield json.loads(line)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0


def test_the_wheel_has_the_product_and_nothing_of_the_workshop(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    rooms = {name.partition("/")[0] for name in names}
    assert {room for room in rooms if not room.endswith(".dist-info")} == {"functions", "worker", "local"}
    data = (
        "functions/policy",
        "worker/embedded_model",
        "worker/scene_critic/weights",
        "worker/upscaler/weights",
    )
    for folder in data:
        kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert {name for name in kept if "__pycache__" not in name} <= names
    assert {f"{room}/py.typed" for room in ("functions", "worker", "local")} <= names


def test_the_emulators_and_the_api_run_without_the_worker(light: Path, tmp_path: Path) -> None:
    with running(light, tmp_path, "--workers", "0") as state:
        environment = {**os.environ, "PLANTAIN_URL": state["api"]}
        command = [str(light.with_name("plantain")), "generate", "a red boat", "--no-wait", "--json"]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert json.loads(ran.stdout)["state"] == "queued", ran.stderr


def test_without_the_worker_it_says_what_is_missing(light: Path, tmp_path: Path) -> None:
    for arguments in (("up",), ("verify", str(ROOT / "docs/contact-sheet.png"))):
        ended = plantain(light, tmp_path, *arguments)
        assert ended.returncode in (1, 2)
        assert "extra `worker`" in ended.stderr
        assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "plantain-data").exists()


def test_a_command_line_without_its_packages_says_what_is_missing(wheel: Path, tmp_path: Path) -> None:
    python = install(wheel, [], tmp_path / "environment")
    ended = plantain(python, tmp_path, "--version")
    assert ended.returncode == 2
    assert "extra `local`" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_an_installed_plantain_draws_a_picture(full: Path, tmp_path: Path) -> None:
    """The folder has a package of the same name as one of Plantain's: it is not imported."""
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "__init__.py").write_text("raise ImportError('the wrong worker')\n")
    with running(full, tmp_path) as state:
        environment = {**os.environ, "PLANTAIN_URL": state["api"]}
        words = ("generate", "a red boat on the sea at night", "--size", "512", "-o", "boat.png")
        command = [str(full.with_name("plantain")), *words]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    with Image.open(tmp_path / "boat.png") as picture:
        assert picture.size == (512, 512)
        assert np.asarray(picture.convert("L")).std() > 10  # it shows something
    ended = plantain(full, tmp_path, "verify", "boat.png", "--json")
    [found] = json.loads(ended.stdout)
    assert found["ours"] is True, found
