"""Faults of the worker on GKE and of deploying from GitHub: planted_faults.py plants them."""

from __future__ import annotations

from benchmarks.planted_fault import Fault

GKE, GITHUB = "gke.tftest.hcl", "github.tftest.hcl"
GKE_FAULTS = (
    Fault(
        "two workers for one queue, on Cloud Run and on GKE",
        "worker.tf",
        'local.has_worker && var.gke == null && var.worker_runtime == "pool"',
        'local.has_worker && var.worker_runtime == "pool"',
        GKE,
    ),
    Fault(
        "a pod of any namespace acts as the worker",
        "gke.tf",
        '"${var.gke.namespace}/worker"',
        '"default/worker"',
        GKE,
    ),
    Fault(
        "a grace period on GKE that is shorter than the drain",
        "gke/base/deployment.yaml",
        "terminationGracePeriodSeconds: 135",
        "terminationGracePeriodSeconds: 30",
        GKE,
    ),
    Fault(
        "a worker on GKE that asks for no GPU",
        "gke/base/deployment.yaml",
        '              ephemeral-storage: 40Gi\n              nvidia.com/gpu: "1"\n            limits',
        "              ephemeral-storage: 40Gi\n            limits",
        GKE,
    ),
    Fault(
        "KEDA watches a queue that is not the worker's",
        "gke/base/scaling.yaml",
        "subscriptionName: plantain-jobs-gpu-worker",
        "subscriptionName: plantain-dispatch",
        GKE,
    ),
    Fault(
        "KEDA scales by another figure",
        "gke/base/scaling.yaml",
        "maxReplicaCount: 3",
        "maxReplicaCount: 30",
        GKE,
    ),
    Fault(
        "a probe on GKE that the worker does not answer",
        "gke/base/deployment.yaml",
        "path: /readyz",
        "path: /ready",
        GKE,
    ),
    Fault(
        "a setting that the worker has on Cloud Run alone",
        "gke.tf",
        "for name, value in local.environment_by_name : { name = name, value = value }",
        "for name, value in local.environment_by_name : { name = name, value = value } "
        'if name != "PLANTAIN_DEVICE"',
        GKE,
    ),
    Fault(
        "an alert that looks for a worker on GKE at Cloud Run",
        "monitoring.tf",
        'worker_resource = local.on_gke ? "k8s_container" : ',
        "worker_resource = ",
        GKE,
    ),
    Fault(
        "GitHub's tokens of every repository",
        "github.tf",
        "attribute_condition                = local.github_condition",
        'attribute_condition                = "true"',
        GITHUB,
    ),
    Fault(
        "a repository that got the name of ours",
        "github.tf",
        "    \"assertion.repository_id == '${var.github_repository.id}'\",\n",
        "",
        GITHUB,
    ),
    Fault(
        "a pull request that applies",
        "github.tf",
        "deploy.yml@refs/heads/${var.github_repository.branch}",
        "deploy.yml",
        GITHUB,
    ),
    Fault(
        "a job without approval that applies",
        "github.tf",
        "? 'apply' : 'plan'",
        "? 'apply' : 'apply'",
        GITHUB,
    ),
    Fault(
        "a branch's name that ends the condition",
        "variables.tf",
        "^[A-Za-z0-9._/-]{1,100} [A-Za-z0-9._-]{1,100}$",
        "^.+$",
    ),
)
