"""Who may import what. Read from the source, so that an import that is never run counts as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.code_structure import PACKAGES

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "diffusers", "transformers", "cv2", "google.cloud.aiplatform")
TORCH_ROOMS = (
    "training",
    "worker.scene_critic",
    "worker.engines.diffusion",
    "worker.upscaler",
    "worker.watermark.torch_embedder",
)


# Each room may import those after it.
@dataclass(frozen=True)
class Import:
    """One import: who, whom (in full, a relative one resolved), and whether it runs when the module loads."""

    importer: str
    line: int
    name: str
    level: int  # how many dots it was written with
    at_load: bool

    def is_of(self, *packages: str) -> bool:
        return any(self.name == package or self.name.startswith(f"{package}.") for package in packages)

    def is_by(self, *packages: str) -> bool:
        return any(
            self.importer == package or self.importer.startswith(f"{package}.") for package in packages
        )

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name}"


def imports_of(source: str, module: str, *, is_package: bool = False) -> Iterator[Import]:
    package = module if is_package else module.rpartition(".")[0]
    yield from _walk(ast.parse(source), module, package, at_load=True)


def _walk(node: ast.AST, module: str, package: str, *, at_load: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(module, node.lineno, alias.name, 0, at_load)
    elif isinstance(node, ast.ImportFrom):
        origin = _origin(node, package)
        for alias in node.names:
            yield Import(module, node.lineno, f"{origin}.{alias.name}", node.level, at_load)
    for child in _children(node):
        runs = at_load and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _walk(child, module, package, at_load=runs)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the statements of a node. What pyright alone reads is no import at all."""
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        yield from node.orelse
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child


def _origin(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*base, *filter(None, [node.module])])


def _source(path: Path) -> Iterator[Import]:
    steps = path.relative_to(ROOT).with_suffix("").parts
    is_package = steps[-1] == "__init__"
    module = ".".join(steps[:-1] if is_package else steps)
    yield from imports_of(path.read_text("utf-8"), module, is_package=is_package)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    folders = [ROOT / folder for folder in PACKAGES]
    return [found for folder in folders for path in sorted(folder.rglob("*.py")) for found in _source(path)]


def names(found: Iterator[Import]) -> list[str]:
    return [str(each) for each in found]


# The reader itself. -----------------------------------------------------------------------------------


def test_every_way_to_write_an_import_is_read() -> None:
    source = """
import torch.nn
from . import paths
from ..contract.errors import NotFound, Transient
if TYPE_CHECKING:
    import numpy
else:
    import cv2
class Lazy:
    import diffusers
    def load(self):
        from transformers import AutoModel
"""
    found = [(each.name, each.level, each.at_load) for each in imports_of(source, "functions.api.jobs")]
    assert found == [
        ("torch.nn", 0, True),
        ("functions.api.paths", 1, True),
        ("functions.contract.errors.NotFound", 2, True),
        ("functions.contract.errors.Transient", 2, True),
        ("cv2", 0, True),
        ("diffusers", 0, True),
        ("transformers.AutoModel", 0, False),
    ]


def test_a_package_is_its_own_anchor() -> None:
    (found,) = imports_of("from .verdict import Verdict", "functions.policy", is_package=True)
    assert found.name == "functions.policy.verdict.Verdict"


def test_a_package_is_not_its_namesake() -> None:
    (found,) = imports_of("import torchvision", "worker.stages.seal")
    assert found.is_of("torchvision")
    assert not found.is_of("torch")


# The rules. -------------------------------------------------------------------------------------------


def test_there_is_something_to_read(imports: list[Import]) -> None:
    assert {each.importer.partition(".")[0] for each in imports} == set(PACKAGES)


def test_inside_functions_imports_are_relative(imports: list[Import]) -> None:
    """The folder is a package here and the source root of a Cloud Function: main.py alone knows both."""
    top = {path.stem for path in (ROOT / "functions").iterdir() if path.suffix in ("", ".py")}
    own = {"functions", *top} - {"__init__", "__pycache__", "requirements"}
    absolute = (
        each
        for each in imports
        if each.is_by("functions")
        and not each.is_by("functions.main")
        and not each.level
        and each.is_of(*own)
    )
    assert names(absolute) == []


def test_functions_import_no_other_package_of_ours(imports: list[Import]) -> None:
    others = ("worker", "training", "local", "tools", "tests", "benchmarks")
    assert names(each for each in imports if each.is_by("functions") and each.is_of(*others)) == []


def test_no_function_loads_anything_heavy(imports: list[Import]) -> None:
    heavy = (each for each in imports if each.is_by("functions") and each.is_of(*HEAVY))
    lazy_is_fine = "google.cloud.aiplatform"
    assert names(each for each in heavy if each.at_load or not each.is_of(lazy_is_fine)) == []


def test_the_contract_leans_on_nothing_but_itself(imports: list[Import]) -> None:
    ours = ("functions", "worker", "local")
    foreign = (
        each
        for each in imports
        if each.is_by("functions.contract") and each.is_of(*ours) and not each.is_of("functions.contract")
    )
    assert names(foreign) == []


def test_the_worker_shares_the_contract_and_the_policy_only(imports: list[Import]) -> None:
    shared = ("functions.contract", "functions.policy")
    foreign = (
        each
        for each in imports
        if each.is_by("worker") and each.is_of("functions", "local") and not each.is_of(*shared)
    )
    assert names(foreign) == []


def test_the_worker_imports_nothing_that_its_image_lacks(imports: list[Import]) -> None:
    absent = ("training", "local", "tools", "tests", "benchmarks")
    assert names(each for each in imports if each.is_by("worker") and each.is_of(*absent)) == []


def test_the_laptop_shares_the_contract_only(imports: list[Import]) -> None:
    foreign = (
        each
        for each in imports
        if each.is_by("local") and each.is_of("functions") and not each.is_of("functions.contract")
    )
    assert names(foreign) == []


def test_torch_is_loaded_where_networks_are_and_nowhere_else(imports: list[Import]) -> None:
    """It takes a second and a half, and hundreds of megabytes: what only moves bytes goes without."""
    loaded = (each for each in imports if each.at_load and each.is_of("torch"))
    assert names(each for each in loaded if not each.is_by(*TORCH_ROOMS)) == []


def loaded_by(modules: list[str], *names: str) -> str:
    """Which of ``names`` a fresh interpreter has loaded once it has imported ``modules``."""
    script = (
        f"import sys, importlib; [importlib.import_module(name) for name in {modules!r}];"
        f"print([name for name in {names!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_the_contract_loads_without_anything_heavy() -> None:
    modules = [f"functions.contract.{path.stem}" for path in (ROOT / "functions/contract").glob("[a-z]*.py")]
    assert loaded_by(modules, *HEAVY, "PIL", "google.cloud.pubsub_v1") == "[]"


def test_the_workers_parent_process_loads_without_torch() -> None:
    """Its child, the engine process, holds the model; the parent holds the leases."""
    assert loaded_by(["worker.runtime.bootstrap"], "torch", "diffusers", "transformers") == "[]"


@pytest.mark.parametrize("server", ["engine_server", "marking_server"])
def test_a_process_that_computes_loads_without_googles_clients(server: str) -> None:
    """They take a fifth of its imports, and the start waits for them."""
    clients = ("google.api_core", "google.auth", "grpc", "requests", "httpx")
    assert loaded_by([f"worker.stage_processes.{server}"], *clients) == "[]"
