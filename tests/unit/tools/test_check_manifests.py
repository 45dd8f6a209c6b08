"""The manifests for GKE; their check sees what Kubernetes and KEDA would refuse or leave out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tools.check_manifests import (
    GKE,
    OverlayRefused,
    build_overlay,
    check_all,
    check_manifest,
    read_manifests,
)

pytestmark = pytest.mark.slow

REMOVED = object()

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None and not os.environ.get("CI"), reason="kubectl is not installed"
)


def read_one(file: str, kind: str) -> dict[str, Any]:
    (found,) = [manifest for manifest in read_manifests(GKE / "base" / file) if manifest["kind"] == kind]
    return found


def test_kubernetes_and_keda_take_what_is_there() -> None:
    assert check_all() == []


def plant(manifest: Any, path: str, value: object) -> None:
    """Sets the field at ``path``, whose steps are names and numbers, or takes it out."""
    *steps, last = path.split(".")
    for step in steps:
        manifest = manifest[int(step) if step.isdecimal() else step]
    if value is REMOVED:
        del manifest[last]
    else:
        manifest[last] = value


@pytest.mark.parametrize(
    ("file", "kind", "path", "value"),
    [
        ("deployment.yaml", "Deployment", "spec.replica", 1),
        ("deployment.yaml", "Deployment", "spec.selector", REMOVED),
        ("deployment.yaml", "Deployment", "apiVersion", "extensions/v1beta1"),
        ("deployment.yaml", "Deployment", "spec.template.spec.terminationGracePeriodSeconds", "135"),
        ("deployment.yaml", "Deployment", "spec.template.spec.containers.0.readinessProb", {}),
        ("disruption-budget.yaml", "PodDisruptionBudget", "spec.maxUnavailble", 1),
        ("network-policy.yaml", "NetworkPolicy", "spec.egress", {}),
        ("scaling.yaml", "ScaledObject", "spec.minReplicas", 1),
        ("scaling.yaml", "ScaledObject", "spec.maxReplicaCount", "3"),
        ("scaling.yaml", "ScaledObject", "spec.triggers", REMOVED),
        ("scaling.yaml", "ScaledObject", "spec.triggers.0.metadata.value", 5),
        ("scaling.yaml", "ScaledObject", "spec.triggers.0.metdata", {}),
        ("scaling.yaml", "ScaledObject", "kind", "ScaledObjekt"),
        ("scaling.yaml", "TriggerAuthentication", "spec.podIdentity.providr", "gcp"),
    ],
)
def test_what_they_would_refuse_or_leave_out_is_found(file: str, kind: str, path: str, value: object) -> None:
    manifest = read_one(file, kind)
    assert check_manifest(manifest) == []
    plant(manifest, path, value)
    assert len(check_manifest(manifest)) >= 1


@needs_kubectl
def test_an_overlay_keeps_what_is_kubernetes_own_and_brings_the_deployments() -> None:
    built = {manifest["kind"]: manifest for manifest in build_overlay(GKE / "example")}
    (container,) = built["Deployment"]["spec"]["template"]["spec"]["containers"]
    told = {variable["name"]: variable["value"] for variable in container["env"]}
    assert told["PLANTAIN_GRACE_SECONDS"] == "120"
    assert told["PLANTAIN_WORKER_SUBSCRIPTION"] == "plantain-jobs-gpu-worker"
    assert container["image"].startswith("europe-west4-docker.pkg.dev/") and "@sha256:" in container["image"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert (
        built["Namespace"]["metadata"]["name"] == built["Deployment"]["metadata"]["namespace"] == "pictures"
    )
    assert built["ScaledObject"]["spec"]["maxReplicaCount"] == 8
    assert built["ScaledObject"]["spec"]["cooldownPeriod"] == 300


@needs_kubectl
def test_a_gpu_is_taken_out_by_null_as_terraform_writes_it(tmp_path: Path) -> None:
    shutil.copytree(GKE, tmp_path / "gke")
    overlay = tmp_path / "gke" / "example" / "kustomization.yaml"
    text = overlay.read_text("utf-8")
    text = text.replace('nvidia.com/gpu: "1"', '"nvidia.com/gpu": null')
    text = text.replace(
        "nodeSelector:\n              cloud.google.com/gke-accelerator: nvidia-h100-80gb",
        "nodeSelector: null",
    )
    overlay.write_text(text, "utf-8")
    (pod,) = [
        manifest["spec"]["template"]["spec"]
        for manifest in build_overlay(overlay.parent)
        if manifest["kind"] == "Deployment"
    ]
    assert "nodeSelector" not in pod
    assert "nvidia.com/gpu" not in {
        name for kind in pod["containers"][0]["resources"].values() for name in kind
    }


@needs_kubectl
def test_an_overlay_that_changes_nothing_of_the_base_is_refused(tmp_path: Path) -> None:
    shutil.copytree(GKE, tmp_path / "gke")
    overlay = tmp_path / "gke" / "example" / "kustomization.yaml"
    overlay.write_text(
        overlay.read_text("utf-8").replace("kind: ServiceAccount", "kind: ServiceAcount"), "utf-8"
    )
    with pytest.raises(OverlayRefused):
        build_overlay(overlay.parent)
    assert len(check_all(tmp_path / "gke")) == 1
