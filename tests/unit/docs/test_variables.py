"""Terraform takes the variables that our pages and the examples in terraform/envs give."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.docs.markdown import ROOT, pages

TERRAFORM = ROOT / "terraform"
MINIMAL = 'project_id = "my-project"\nregion = "europe-west4"\n'
_BLOCK = re.compile(r"^```hcl\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ASSIGNMENT = re.compile(r"^(\w+) *=", re.MULTILINE)


def given_variables() -> Iterator[tuple[str, str]]:
    """Yields what each example file and each page's block sets, with the name of where it stands."""
    for example in sorted((TERRAFORM / "envs").iterdir()):
        yield example.name, example.read_text("utf-8")
    for page in pages():
        for n, block in enumerate(_BLOCK.findall(page.read_text("utf-8")), 1):
            if _ASSIGNMENT.search(block):  # a backend's block sets no variable
                yield f"{page.relative_to(ROOT).as_posix()} {n}", MINIMAL + block


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Terraform's variables and nothing else, so that a plan asks no provider."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    folder = tmp_path_factory.mktemp("variables")
    for file in TERRAFORM.glob("variables*.tf"):
        shutil.copy(file, folder)
    run_terraform(folder, "init", "-backend=false")
    return folder


def run_terraform(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ("terraform", f"-chdir={folder}", *words, "-input=false", "-no-color")
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("where", "values"), [pytest.param(*given, id=given[0]) for given in given_variables()]
)
def test_terraform_takes_what_is_written(variables: Path, where: str, values: str) -> None:
    (variables / "given.tfvars").write_text(values)
    said = run_terraform(variables, "plan", "-var-file=given.tfvars")
    assert said.returncode == 0, f"{where}: {said.stderr}"
    assert "undeclared variable" not in said.stdout + said.stderr


def test_a_wrong_value_is_seen(variables: Path) -> None:
    (variables / "given.tfvars").write_text(MINIMAL + 'vertex = { models = ["klein"] }\n')
    assert (
        "vertex.models names some of models"
        in run_terraform(variables, "plan", "-var-file=given.tfvars").stderr
    )
