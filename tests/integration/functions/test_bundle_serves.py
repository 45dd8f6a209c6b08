"""The zip that is deployed, unpacked in an empty place with nothing but its own requirements installed."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
from pathlib import Path
from textwrap import dedent
from zipfile import ZipFile

import pytest

from tests.client_environments import environment_with
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.servers import Servers
from tools.bundle_functions import SOURCE, zip_functions

# What Cloud Run does not set, and Plantain does not need.
_INHERITED = ("PATH", "HOME", "LANG", "PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONFIG_FILE", "SSL_CERT_FILE")


def entry_points() -> list[str]:
    """What ``main.py`` registers with functions-framework."""
    tree = ast.parse((SOURCE / "main.py").read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [
        node.name
        for node in functions
        if any(ast.unparse(each).startswith("functions_framework.") for each in node.decorator_list)
    ]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the bundle's requirements and nothing else; made in CI, and at home if asked."""
    if os.environ.get("CI") != "true" and "PLANTAIN_TEST_INSTALLS" not in os.environ:
        pytest.skip("installs packages: set PLANTAIN_TEST_INSTALLS=1 to run it at home")
    folder = tmp_path_factory.mktemp("installed")
    return environment_with(folder, "--requirements", str(SOURCE / "requirements.txt"))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "workspace"
    with ZipFile(io.BytesIO(zip_functions())) as archive:
        archive.extractall(folder)
    return folder


def run(python: Path, unpacked: Path, program: str, environment: dict[str, str]) -> list[str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    done = subprocess.run(
        [str(python), "-I", "-c", dedent(program)],
        cwd=unpacked,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def settings_of(deployment: Deployment) -> dict[str, str]:
    fields = deployment.settings.model_dump(exclude_defaults=True, mode="json")
    return {
        f"PLANTAIN_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }


def test_there_are_entry_points_to_serve() -> None:
    events = {"uploads", "dispatch", "notify", "deliver", "remind", "dead_letter"}
    assert {"api", "sweep"} | events == set(entry_points())


def test_nothing_else_is_installed(python: Path, unpacked: Path) -> None:
    program = """
        from importlib.util import find_spec
        names = ("torch", "numpy", "pytest", "worker", "local", "functions")
        print([name for name in names if find_spec(name)])
        """
    assert run(python, unpacked, program, {}) == ["[]"]


@pytest.mark.parametrize("entry_point", entry_points())
def test_each_entry_point_answers(
    entry_point: str, python: Path, unpacked: Path, deployment: Deployment, servers: Servers
) -> None:
    """A request is answered; a push that says nothing is taken, so that it does not come for ever."""
    program = f"""
        import logging; logging.disable()
        from functions_framework import create_app
        client = create_app({entry_point!r}, "main.py").test_client()
        if {entry_point!r} == "api":
            print(client.get("/healthz").status_code)
        elif {entry_point!r} == "sweep":
            print(client.post("/").status_code)
        else:
            message = {{"data": "bm8gam9i", "messageId": "1", "publishTime": "2026-01-01T00:00:00Z"}}
            push = {{"message": message, "subscription": "projects/p/subscriptions/s"}}
            print(client.post("/projects/p/topics/t", json=push).status_code)
        """
    environment = {**settings_of(deployment), **servers.environment}
    assert run(python, unpacked, program, environment) == ["200"]


def test_it_takes_a_job_from_the_request_to_its_end(
    python: Path, unpacked: Path, deployment: Deployment, servers: Servers
) -> None:
    program = """
        import logging; logging.disable()
        from functions_framework import create_app
        api = create_app("api", "main.py").test_client()
        job = api.post("/v1/jobs", json={"task": "generate", "prompt": "a boat"}).json["id"]
        print(api.post(f"/v1/jobs/{job}/cancel").json["state"])
        print(create_app("sweep", "main.py").test_client().post("/").status_code)
        """
    environment = {**settings_of(deployment), **servers.environment}
    assert run(python, unpacked, program, environment) == ["canceled", "200"]
