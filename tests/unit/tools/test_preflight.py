"""The preflight, on answers as gcloud writes them: a program of that name on the PATH gives them back."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.preflight import AGENT_ROLES, NEEDED_APIS, main

ROOT = Path(__file__).parents[3]
ARGUMENTS = ("--project", "demo-1234", "--region", "europe-west4")
QUOTA = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
AGENT_BINDINGS = [
    {"members": [f"serviceAccount:service-123456789012@{agent}.iam.gserviceaccount.com"], "role": role}
    for agent, role in AGENT_ROLES.items()
]

# As gcloud 528 writes them with --format=json; fields that the check does not read are left out.
ANSWERS: dict[str, Any] = {
    "auth list": [{"account": "ada@example.com", "status": "ACTIVE"}],
    "projects get-iam-policy": {
        "bindings": [
            {"members": ["serviceAccount:robot@demo-1234.iam.gserviceaccount.com"], "role": "roles/editor"},
            {"members": ["user:ada@example.com"], "role": "roles/owner"},
            *AGENT_BINDINGS,
        ],
        "etag": "BwYfS0V1bWk=",
        "version": 1,
    },
    "projects describe": {
        "createTime": "2026-11-02T08:14:21.000Z",
        "lifecycleState": "ACTIVE",
        "name": "demo",
        "projectId": "demo-1234",
        "projectNumber": "123456789012",
    },
    "billing projects describe": {
        "billingAccountName": "billingAccounts/012345-6789AB-CDEF01",
        "billingEnabled": True,
        "name": "projects/demo-1234/billingInfo",
        "projectId": "demo-1234",
    },
    "services list": [
        {
            "config": {"name": f"{api}.googleapis.com"},
            "name": f"projects/123456789012/services/{api}.googleapis.com",
            "state": "ENABLED",
        }
        for api in NEEDED_APIS
    ],
    "run regions list": [
        {"locationId": name, "name": f"projects/demo-1234/locations/{name}"}
        for name in ("europe-west4", "europe-north1")
    ],
    "beta quotas info list run.googleapis.com": [
        {
            "containerType": "PROJECT",
            "dimensions": ["region"],
            "dimensionsInfos": [
                {
                    "applicableLocations": ["europe-west4"],
                    "details": {"value": "3"},
                    "dimensions": {"region": "europe-west4"},
                },
                {"applicableLocations": ["us-central1", "europe-west1"], "details": {"value": "0"}},
            ],
            "quotaId": QUOTA,
            "service": "run.googleapis.com",
        }
    ],
    "beta quotas info list aiplatform.googleapis.com": [
        {
            "dimensionsInfos": [{"applicableLocations": ["europe-west4"], "details": {"value": "1"}}],
            "metric": "aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus",
            "quotaId": "CustomModelServingL4GPUsPerProjectPerRegion",
            "service": "aiplatform.googleapis.com",
        }
    ],
    "kms keyrings describe": "ERROR: (gcloud.kms.keyrings.describe) NOT_FOUND: KeyRing plantain not found.",
}
# Without site-packages, which make a third of its start: it is started two hundred times.
FAKE = """#!{python} -IS
import json, sys
words = [word for word in sys.argv[1:] if not word.startswith("-")]
service = [word.partition("=")[2] for word in sys.argv if word.startswith("--service=")]
assert "--format=json" in sys.argv, sys.argv
with open(__file__.rpartition("/")[0] + "/answers.json") as file:
    answers = json.load(file)
asked = " ".join(words + service)
key = max((key for key in answers if asked == key or asked.startswith(key + " ")), key=len)
if isinstance(answers[key], str):
    sys.exit(answers[key])
print(json.dumps(answers[key]))
"""

Recorded = Callable[..., None]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Puts a gcloud on the PATH that answers as recorded, but for the changes."""
    fake = tmp_path / "gcloud"
    fake.write_text(FAKE.format(python=sys.executable))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def record(changes: dict[str, Any] | None = None) -> None:
        (tmp_path / "answers.json").write_text(json.dumps({**ANSWERS, **(changes or {})}))

    record()
    return record


def test_a_project_that_has_everything_is_fit(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, "--keys", "--vertex-replicas", "1"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("0 missing, 0 unsure, 9 ok\n")
    assert "nvidia-l4 on Cloud Run: 3 granted in europe-west4" in said


def without(api: str) -> list[Any]:
    return [each for each in ANSWERS["services list"] if each["config"]["name"] != f"{api}.googleapis.com"]


def quota(value: str | None, region: str = "europe-west4") -> list[Any]:
    details = {} if value is None else {"value": value}
    return [{"quotaId": QUOTA, "dimensionsInfos": [{"applicableLocations": [region], "details": details}]}]


RUN_QUOTAS = "beta quotas info list run.googleapis.com"
VERTEX_QUOTAS = "beta quotas info list aiplatform.googleapis.com"


@pytest.mark.parametrize(
    ("changes", "said", "remedy"),
    [
        ({"auth list": []}, "no account is logged in", "gcloud auth login"),
        (
            {"projects describe": {**ANSWERS["projects describe"], "lifecycleState": "DELETE_REQUESTED"}},
            "the project is DELETE_REQUESTED",
            "gcloud projects undelete demo-1234",
        ),
        (
            {"billing projects describe": {"billingEnabled": False}},
            "the project has no billing account",
            "gcloud billing projects link demo-1234 --billing-account=ACCOUNT",
        ),
        (
            {"services list": without("pubsub")},
            "APIs that are off: pubsub.googleapis.com",
            "gcloud services enable pubsub.googleapis.com --project=demo-1234",
        ),
        (
            {
                "projects get-iam-policy": {
                    "bindings": [
                        {"members": ["user:ada@example.com"], "role": "roles/owner"},
                        *AGENT_BINDINGS[1:],
                    ]
                }
            },
            "Google's own accounts lack: roles/pubsub.serviceAgent of gcp-sa-pubsub",
            "docs/deploy.md, The first time, step 2",
        ),
        ({"run regions list": []}, "Cloud Run is not in europe-west4", "gcloud run regions list"),
        ({RUN_QUOTAS: quota("2")}, "2 of 3 granted", "https://console.cloud.google.com/iam-admin/quotas"),
        ({RUN_QUOTAS: quota(None)}, "0 of 3 granted", "https://console.cloud.google.com/iam-admin/quotas"),
        ({RUN_QUOTAS: quota("9", "us-east4")}, "europe-west4 does not offer nvidia-l4", "another REGION"),
        (
            {
                "kms keyrings describe": {
                    "name": "projects/demo-1234/locations/europe-west4/keyRings/plantain"
                }
            },
            "left its key ring",
            "terraform import 'google_kms_key_ring.this[0]' projects/demo-1234/",
        ),
    ],
)
def test_what_is_missing_is_named_with_what_mends_it(
    recorded: Recorded, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str, remedy: str
) -> None:
    recorded(changes)
    assert main([*ARGUMENTS, "--keys"]) == 1
    lines = capsys.readouterr().out.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("missing") and said in line]
    assert remedy in lines[at + 1]
    assert lines[-1].startswith("1 missing")


def test_the_replicas_on_vertex_need_a_quota_of_their_own(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ARGUMENTS, "--vertex-replicas", "2"]) == 1
    assert "L4 for predictions on Vertex AI: 1 of 2 granted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "changes",
    [
        {"projects get-iam-policy": {"bindings": AGENT_BINDINGS, "etag": "ACAB"}},
        {RUN_QUOTAS: []},
        {RUN_QUOTAS: "ERROR: (gcloud.beta.quotas.info.list) PERMISSION_DENIED: Cloud Quotas API is off."},
        {"kms keyrings describe": "ERROR: (gcloud.kms.keyrings.describe) PERMISSION_DENIED: denied."},
    ],
)
def test_what_gcloud_does_not_tell_is_unsure(
    recorded: Recorded, capsys: pytest.CaptureFixture[str], changes: dict[str, Any]
) -> None:
    recorded(changes)
    assert main([*ARGUMENTS, "--keys"]) == 0
    assert "0 missing, 1 unsure" in capsys.readouterr().out


def test_an_unlimited_quota_is_enough(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    recorded({RUN_QUOTAS: quota("-1")})
    assert main([*ARGUMENTS]) == 0
    assert "any number granted" in capsys.readouterr().out


def test_without_a_gpu_no_quota_is_asked_for(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    recorded({RUN_QUOTAS: quota("0")})
    assert main([*ARGUMENTS, "--accelerator", "none"]) == 0
    assert "nvidia" not in capsys.readouterr().out


def test_a_key_ring_in_a_project_that_never_had_keys_is_no_obstacle(recorded: Recorded) -> None:
    recorded({"kms keyrings describe": "ERROR: Cloud KMS API has not been used in project 1 before."})
    assert main([*ARGUMENTS, "--keys"]) == 0


def test_without_gcloud_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([*ARGUMENTS]) == 2
    assert "gcloud is not installed" in capsys.readouterr().err


def test_the_apis_are_those_of_the_guide() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text()
    first = re.search(r"gcloud services enable (.*) --project PROJECT\n", guide)
    loop = re.search(r"for api in ([a-z ]+); do", guide)
    assert first is not None
    assert loop is not None
    named = [name.removesuffix(".googleapis.com") for name in first[1].split()]
    assert tuple(named + loop[1].split()) == NEEDED_APIS


def test_the_agents_roles_are_those_of_the_guide() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text()
    granted = re.search(
        r"--role roles/\$role\.serviceAgent .*?<<END\n(.*?)^END$", guide, re.DOTALL | re.MULTILINE
    )
    assert granted is not None
    pairs = [line.split() for line in granted[1].splitlines()]
    assert {agent: f"roles/{role}.serviceAgent" for agent, role in pairs} == AGENT_ROLES
