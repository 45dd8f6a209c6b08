"""The checks of ``plantain doctor``: each prints one line with a state and what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

import httpx

from functions.contract.engine_limits import engine_of
from functions.contract.errors import ModelUnavailable
from functions.contract.settings import SettingsError
from local.cli.model_choice import read_stack_settings
from local.client.api_client import PlantainClient, RequestRefused, ServiceUnreachable
from local.data_folder import DEFAULT, DataDirectory
from local.http_servers.ports import HOST, StackPorts, is_listening
from local.stack.worker_packages import EVERY_WORKER, FOR_ENGINE, installed_version, missing_packages
from worker.settings import model_directory

Outcome = Literal["ok", "warn", "fail"]

PYTHON = (3, 11)
CORE = ("functions-framework", "google-cloud-pubsub", "google-cloud-storage", "pydantic", "httpx", "pillow")
LAPTOP = ("starlette", "uvicorn", "grpcio", "typer", "rich")
EMULATORS = {"PUBSUB_EMULATOR_HOST": 8085, "STORAGE_EMULATOR_HOST": 80}
GIB = 2**30
LOW_DISK, NO_DISK = 5 * GIB, GIB // 2


class DoctorCheck(NamedTuple):
    name: str
    outcome: Outcome
    says: str


def run_checks() -> Iterator[DoctorCheck]:
    """Yields every check, one after the other: some take a second."""
    for look in CHECKS:
        yield from look()


def check_python() -> Iterator[DoctorCheck]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < PYTHON:
        yield DoctorCheck("python", "fail", f"{version}: install 3.11 or newer")
    else:
        yield DoctorCheck("python", "ok", f"{version} ({sys.executable})")


def check_packages() -> Iterator[DoctorCheck]:
    worker = EVERY_WORKER + FOR_ENGINE["diffusers"]
    for group, names in (("core", CORE), ("local", LAPTOP), ("worker", worker)):
        missing = missing_packages(names)
        if missing:
            outcome: Outcome = "warn" if group == "worker" else "fail"
            extra = "" if group == "core" else f" with its extra `{group}`"
            says = f"{', '.join(missing)} missing: install Plantain{extra}"
            yield DoctorCheck(f"packages: {group}", outcome, says)
        else:
            found = ", ".join(f"{name} {installed_version(name)}" for name in names)
            yield DoctorCheck(f"packages: {group}", "ok", found)


def check_device() -> Iterator[DoctorCheck]:
    if find_spec("torch") is None:
        yield DoctorCheck("device", "warn", "no torch: only the mock model runs here")
        return
    from worker.stage_processes.device import find_device

    try:
        found = find_device(os.environ.get("PLANTAIN_DEVICE"))
    except ModelUnavailable as error:
        yield DoctorCheck("device", "fail", str(error))
        return
    yield DoctorCheck("device", "ok", f"{found.kind}: {found.name}, {_device_capacity(found.kind)}")


def _device_capacity(kind: str) -> str:
    import torch

    if kind == "cuda":
        return f"{torch.cuda.get_device_properties(0).total_memory / GIB:.0f} GiB"
    return f"{torch.get_num_threads()} threads"


def check_disk() -> Iterator[DoctorCheck]:
    data = _data_directory().path
    existing = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    says = f"{free / GIB:.1f} GiB free for {data}"
    if free < NO_DISK:
        yield DoctorCheck("disk", "fail", f"{says}: make room, or name another place with --data")
    else:
        yield DoctorCheck("disk", "warn" if free < LOW_DISK else "ok", says)


def check_model() -> Iterator[DoctorCheck]:
    try:
        settings = read_stack_settings(None, _data_directory().path)
    except SettingsError as error:
        yield DoctorCheck("settings", "fail", str(error))
        return
    name = settings.default_model
    where = settings.models[name]
    directory = model_directory(where)
    if where.partition(":")[0] in {"mock", "gemini"}:
        yield DoctorCheck("model", "ok", f"{name}: {where}")
    elif where.startswith("gs://"):
        yield _downloaded(name, where)
    elif engine_of(where) == "onnx":
        yield _exported_model(name, Path(where.partition(":")[2]))
    elif (directory / "model_index.json").is_file():
        size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
        yield DoctorCheck("model", "ok", f"{name}: {directory} ({size / 1e6:.0f} MB)")
    elif directory.is_dir() or where.startswith(("worker/", "/", ".")):
        yield DoctorCheck(
            "model", "fail", f"{name}: no model in {directory}: set PLANTAIN_MODELS, or use --model mock"
        )
    else:
        yield _downloaded(name, where)


def _downloaded(name: str, where: str) -> DoctorCheck:
    from worker.engines.diffusion.room import is_memory

    data = _data_directory().path
    says = f"{name}: {where}, downloaded when it is first used"
    if is_memory(data):
        return DoctorCheck(
            "model",
            "warn",
            f"{says} to {data}, which is memory: name a disk with --data, or mount the bucket",
        )
    return DoctorCheck("model", "ok", says)


def _exported_model(name: str, folder: Path) -> DoctorCheck:
    if folder.is_dir():
        return DoctorCheck("model", "ok", f"{name}: {folder}, drawn with ONNX Runtime")
    return DoctorCheck(
        "model", "fail", f"{name}: there is no folder {folder}: export it, or set PLANTAIN_MODELS"
    )


def check_emulators() -> Iterator[DoctorCheck]:
    for variable, default_port in EMULATORS.items():
        address = os.environ.get(variable)
        if not address:
            yield DoctorCheck(variable, "ok", "not set: `plantain up` brings its own")
            continue
        url = httpx.URL(address if "//" in address else f"//{address}")
        if is_listening(url.host, url.port or default_port):
            yield DoctorCheck(variable, "ok", f"{address} answers; `plantain up` uses it")
        else:
            yield DoctorCheck(
                variable, "fail", f"nothing answers at {address}: start it, or unset {variable}"
            )


def check_stack() -> Iterator[DoctorCheck]:
    state = _data_directory().read_state()
    if state is None:
        yield DoctorCheck("stack", "warn", "none runs here: `plantain up` starts one")
        yield from _check_ports()
        return
    try:
        state = httpx.get(state["control"], timeout=5).json()
    except httpx.HTTPError as error:
        yield DoctorCheck(
            "stack", "fail", f"process {state['pid']} does not answer ({error}): stop it, start it again"
        )
        return
    yield DoctorCheck("stack", "ok", f"process {state['pid']} on {state['data']}")
    for process in state["processes"]:
        says = f"process {process['pid']}, {process['restarts']} restarts"
        log = Path(state["data"]) / "logs" / f"{process['name']}.log"
        outcome: Outcome = "ok" if process["ready"] else "warn"
        yield DoctorCheck(
            process["name"], outcome, says if process["ready"] else f"{says}; not ready: see {log}"
        )


def _check_ports() -> Iterator[DoctorCheck]:
    for name, port in vars(StackPorts()).items():
        if is_listening(HOST, port):
            option = "--port" if name == "api" else f"--{name}-port"
            yield DoctorCheck(
                f"port {port}", "warn", f"taken; {name} would use it: choose another with {option}"
            )
        else:
            yield DoctorCheck(f"port {port}", "ok", f"free for {name}")


def check_api() -> Iterator[DoctorCheck]:
    try:
        with PlantainClient.from_environment() as plantain:
            health = plantain.read_health()
    except ServiceUnreachable as error:
        outcome: Outcome = "fail" if os.environ.get("PLANTAIN_URL") else "warn"
        yield DoctorCheck("api", outcome, str(error))
    except RequestRefused as error:
        yield DoctorCheck("api", "fail", f"{error} Check PLANTAIN_API_KEY or PLANTAIN_TOKEN.")
    else:
        yield DoctorCheck(
            "api", "ok", f"{plantain.url} {health.get('status', '')} {health.get('version', '')}"
        )


CHECKS: tuple[Callable[[], Iterator[DoctorCheck]], ...] = (
    check_python,
    check_packages,
    check_device,
    check_disk,
    check_model,
    check_emulators,
    check_stack,
    check_api,
)


def _data_directory() -> DataDirectory:
    return DataDirectory(Path(os.environ.get("PLANTAIN_DATA") or DEFAULT))
