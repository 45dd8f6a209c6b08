"""The workflow that deploys from GitHub: what may be done where, and that the linters see when it is more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yml"
BIN = Path(sys.prefix) / "bin"


@pytest.fixture
def jobs() -> dict[str, Any]:
    return yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]


def lint(folder: Path) -> list[str]:
    """Returns the linters that refuse the workflows of ``folder``."""
    workflow = str(folder / ".github" / "workflows" / "deploy.yml")
    commands = {
        "actionlint": [str(BIN / "actionlint"), "-shellcheck", str(BIN / "shellcheck"), workflow],
        "zizmor": [str(BIN / "zizmor"), "--offline", "--quiet", "--persona", "auditor", workflow],
    }
    return [
        name
        for name, command in commands.items()
        if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0
    ]


def test_the_linters_have_nothing_to_say() -> None:
    assert lint(ROOT) == []


@pytest.mark.parametrize(
    ("old", "new", "linter"),
    [
        ("permissions: {}\n", "permissions: write-all\n", "zizmor"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "zizmor"),
        ("persist-credentials: false", "persist-credentials: true", "zizmor"),
        ('"$GITHUB_SHA"', '"${{ github.event.head_commit.message }}"', "zizmor"),
        ("needs: test", "needs: tests", "actionlint"),
        ("steps.image.outputs.name", "steps.picture.outputs.name", "actionlint"),
        ('docker push "$REPOSITORY', "docker push $REPOSITORY", "actionlint"),
    ],
)
def test_what_is_wrong_turns_a_linter_red(old: str, new: str, linter: str, tmp_path: Path) -> None:
    text = WORKFLOW.read_text("utf-8")
    if "event.head_commit" in new:
        old = "docker push"
        new = "echo '${{ github.event.head_commit.message }}'; docker push"
    assert old in text
    planted = tmp_path / ".github" / "workflows" / "deploy.yml"
    planted.parent.mkdir(parents=True)
    planted.write_text(text.replace(old, new), "utf-8")
    assert linter in lint(tmp_path)


def test_every_action_is_pinned_by_its_commit_and_says_which_release_that_is() -> None:
    used = [line.strip() for line in WORKFLOW.read_text("utf-8").splitlines() if "uses:" in line]
    assert len(used) >= 10
    assert [
        line
        for line in used
        if not re.fullmatch(r"- uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


def test_no_key_and_no_secret_is_named() -> None:
    text = WORKFLOW.read_text("utf-8")
    assert "secrets." not in text
    assert "credentials_json" not in text


def test_a_pull_request_gets_no_token(jobs: dict[str, Any]) -> None:
    assert "id-token" not in jobs["test"]["permissions"]
    assert "github.event_name != 'pull_request'" in jobs["plan"]["if"]
    assert "github.ref == 'refs/heads/main'" in jobs["plan"]["if"]
    assert jobs["apply"]["needs"] == "plan"


def test_what_is_applied_was_tested_planned_and_approved(jobs: dict[str, Any]) -> None:
    assert any(step.get("run") == ".ci/run" for step in jobs["test"]["steps"])
    assert jobs["plan"]["needs"] == "test"
    assert "environment" not in jobs["plan"]
    assert jobs["apply"]["environment"] == "production"
    applied = "\n".join(step.get("run", "") for step in jobs["apply"]["steps"])
    assert "terraform apply -lock-timeout=5m plan.tfplan" in applied
    assert "terraform plan" not in applied


def test_the_image_is_built_for_the_gpus_machines_and_named_by_its_digest(jobs: dict[str, Any]) -> None:
    steps = {step.get("id", step.get("name")): step for step in jobs["plan"]["steps"]}
    assert "--platform linux/amd64" in steps["image"]["run"]
    assert "image_summary.digest" in steps["image"]["run"]
    assert steps["Plan"]["env"]["TF_VAR_worker_image"] == "${{ steps.image.outputs.name }}"
    assert steps["Bundle the functions"]["run"] == "make bundle"


def test_the_accounts_are_those_that_terraform_makes(jobs: dict[str, Any]) -> None:
    outputs = (ROOT / "terraform" / "github.tf").read_text("utf-8")
    named = {
        job: [step["with"]["service_account"] for step in facts["steps"] if "auth@" in step.get("uses", "")]
        for job, facts in jobs.items()
    }
    assert named == {
        "test": [],
        "plan": ["${{ vars.GCP_PLAN_ACCOUNT }}"],
        "apply": ["${{ vars.GCP_APPLY_ACCOUNT }}"],
    }
    for name in ("GCP_PLAN_ACCOUNT", "GCP_APPLY_ACCOUNT", "GCP_WORKLOAD_IDENTITY_PROVIDER"):
        assert f"{name} " in outputs
        assert f"vars.{name} " in WORKFLOW.read_text("utf-8")
