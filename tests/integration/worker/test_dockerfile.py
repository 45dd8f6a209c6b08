"""The worker's image: what its Dockerfile says, and what comes of it in an empty place."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest

from local.stack.stack_process import StackProcess
from tests.installed import link_packages
from tests.integration.worker.dockerfile import Build, Instruction, Stage, read, shell

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "worker/Dockerfile"
PATIENCE = 300  # seconds until a test gives up waiting
# What is no business of the image: where packages come from on this machine.
_INHERITED = (
    "PATH",
    "LANG",
    "HOME",
    "UV_CACHE_DIR",
    "UV_DEFAULT_INDEX",
    "SSL_CERT_FILE",
)


@pytest.fixture(scope="module")
def instructions() -> list[Instruction]:
    return read(DOCKERFILE.read_text("utf-8"))


def named(instructions: list[Instruction], name: str) -> list[Instruction]:
    return [each for each in instructions if each.name == name]


# What it says. ----------------------------------------------------------------------------------------


def test_the_base_is_an_argument_with_a_full_version(instructions: list[Instruction]) -> None:
    assert instructions[0].name == "ARG"
    assert re.fullmatch(r"BASE=nvidia/cuda:\d+\.\d+\.\d+-base-ubuntu\d+\.\d+", instructions[0].words)


def test_nothing_runs_as_root(instructions: list[Instruction]) -> None:
    after = instructions[[each.name for each in instructions].index("USER") :]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", after[0].words)
    assert {each.name for each in after[1:]} <= {"EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


def test_packages_come_from_the_lock_by_their_hashes_and_nowhere_else(
    instructions: list[Instruction],
) -> None:
    installs = [each.words for each in named(instructions, "RUN") if "pip install" in each.words]
    assert len(installs) == 1
    assert "--require-hashes --requirement /opt/requirements.lock" in installs[0]
    assert "--only-binary=:all:" in installs[0]


def test_code_comes_after_all_that_takes_long(instructions: list[Instruction]) -> None:
    last = [n for n, each in enumerate(instructions) if each.name == "FROM"][-1]
    steps = [each.words for each in instructions[last:] if each.name in ("COPY", "RUN")]
    install = next(n for n, step in enumerate(steps) if "pip install" in step)
    weights = next(n for n, step in enumerate(steps) if "/weights/" in step)
    code = next(n for n, step in enumerate(steps) if "/source/" in step)
    assert install < weights < code == len(steps) - 1


def test_the_builder_is_sent_only_what_is_copied(instructions: list[Instruction]) -> None:
    """The context is an allow list: a key or a .env beside the source never reaches a layer."""
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    allowed = {line[1:] for line in ignore if line.startswith("!")}
    assert next(line for line in ignore if not line.startswith("#")) == "*"
    copied = [each for each in named(instructions, "COPY") if "from" not in each.options]
    sources = {source for each in copied for source in each.paths[:-1]}
    assert all((ROOT / source).exists() for source in sources)
    assert allowed == {source for source in sources if not source.startswith("worker/")}


# What comes of it. ------------------------------------------------------------------------------------


def without_cuda(lock: str) -> str:
    """The lock without torch and what only its CUDA wheel needs: gigabytes that a test has no use for."""
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    return "".join(block for block in blocks if not re.match(r"nvidia-|cuda-|triton=|torch=", block))


def torch_version(lock: str) -> str:
    (version,) = re.findall(r"^torch==(\S+)", lock, flags=re.MULTILINE)
    return version


def run(command: str, folder: Path, environment: dict[str, str]) -> None:
    """A RUN line as a machine that has the base's packages already, and has no root, can run it."""
    if command.startswith("apt-get"):
        return
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = f"{environment.get('PATH', '')}:{os.environ['PATH']}".replace("$PATH", "")
    everything = {**inherited, **environment, "PATH": path}
    if "pip install" in command:
        lock = Path(command.split()[-1])
        text = lock.read_text("utf-8")
        lock.write_text(without_cuda(text), "utf-8")
        environment_folder = Path(path.partition(":")[0]).parent
        command = command.replace("pip install --no-cache-dir", uv_pip_install(environment_folder))
        link_torch(torch_version(text), environment_folder)
    shell(command.replace("python3.12", sys.executable), folder, everything)


def uv_pip_install(environment: Path) -> str:
    """What takes pip's place: the same options and hashes, and a tenth of the time."""
    return f"{sys.executable} -m uv pip install --quiet --python {environment}/bin/python"


def link_torch(version: str, environment: Path) -> None:
    """The torch of these tests, which is of the lock's version but need not be CUDA's."""
    torch = distribution("torch")
    assert torch.version.partition("+")[0] == version
    (packages,) = environment.glob("lib/python3*/site-packages")
    link_packages([torch], packages)


@pytest.fixture(scope="module")
def image(instructions: list[Instruction], tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The last stage, by the Dockerfile's own steps; made in CI, and at home if asked."""
    if os.environ.get("CI") != "true" and "PLANTAIN_TEST_INSTALLS" not in os.environ:
        pytest.skip("installs packages: set PLANTAIN_TEST_INSTALLS=1 to run it at home")
    build = Build(ROOT, tmp_path_factory.mktemp("stages"), run)
    return build.carry_out(instructions)


@contextmanager
def worker(
    image: Stage, instructions: list[Instruction], stack: dict[str, str], data: Path
) -> Generator[None]:
    """The image's own command with its own variables, until SIGTERM, which it must end well."""
    (entry,), (command,) = named(instructions, "ENTRYPOINT"), named(instructions, "CMD")
    words = [word.strip('[],"') for each in (entry, command) for word in each.words.split()]
    ours = {name: value.replace("/tmp/plantain", str(data)) for name, value in image.environment.items()}
    words[0] = str(image.root / "opt/venv/bin" / words[0])
    process = subprocess.Popen(words, cwd=image.path("."), env={**ours, **stack, "PLANTAIN_DATA": str(data)})
    try:
        give_up = time.monotonic() + PATIENCE
        while subprocess.run(health(instructions, data), check=False).returncode:
            assert process.poll() is None, "the worker ended before it was ready"
            assert time.monotonic() < give_up, "the worker did not become ready"
            time.sleep(1)  # each look starts a process
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()


def health(instructions: list[Instruction], data: Path) -> list[str]:
    (check,) = named(instructions, "HEALTHCHECK")
    command = check.words.partition("CMD ")[2].replace("/tmp/plantain", str(data))
    return [word.strip('[],"') for word in command.split()]


def test_the_image_has_the_worker_and_nothing_of_the_rest(image: Stage) -> None:
    app = image.path(".")
    assert {path.name for path in app.iterdir()} == {"functions", "worker"}
    assert {path.name for path in (app / "functions").glob("[!_]*")} == {"contract", "policy"}
    assert (app / "worker/embedded_model/model_index.json").exists()
    assert not (app / "worker/Dockerfile").exists()


def test_weights_can_be_left_out(image: Stage, instructions: list[Instruction], tmp_path: Path) -> None:
    def without_installing(command: str, folder: Path, environment: dict[str, str]) -> None:
        if not any(word in command for word in ("pip install", "-m venv")):
            run(command, folder, environment)

    slim = Build(ROOT, tmp_path, without_installing, {"WEIGHTS": "none"}).carry_out(instructions)
    assert not slim.path("worker/embedded_model").exists()
    assert slim.path("worker/settings.py").exists()
    del image  # the same fixture decides whether this runs


def test_the_worker_starts_from_the_image_draws_and_stops(
    image: Stage, instructions: list[Instruction], tmp_path: Path
) -> None:
    with StackProcess(tmp_path / "data", "--workers", "0", quiet=True) as stack:
        environment = {**stack.environment, "OMP_NUM_THREADS": "1"}
        with worker(image, instructions, environment, tmp_path / "data"):
            request = {"task": "generate", "prompt": "a red boat on the sea", "size": "512"}
            api = stack.state["api"]
            # The request waits for the job's end.
            wait = {"Prefer": f"wait={PATIENCE}"}
            job = httpx.post(f"{api}/v1/jobs", json=request, headers=wait, timeout=2 * PATIENCE).json()
            assert job["state"] == "succeeded", job
