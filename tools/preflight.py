"""Says what a project lacks for a first apply: ``make preflight PROJECT=… REGION=…``.

Each check asks gcloud one question and changes nothing. What is missing is printed with what
fixes it, and the exit status is 1. What gcloud does not tell is printed as unsure, and does not change the
exit status.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.gcloud import Gcloud, GcloudFailed, GcloudNotFound

# Terraform asks the first two for everything else, and the agents of the others get roles in the first apply.
NEEDED_APIS = (
    "serviceusage",
    "cloudresourcemanager",
    "pubsub",
    "secretmanager",
    "artifactregistry",
    "run",
    "cloudfunctions",
    "aiplatform",
    "iap",
)
# Google's own accounts, and what each may do in the project. One that is made on request has no role yet.
AGENT_ROLES = {
    "gcp-sa-pubsub": "roles/pubsub.serviceAgent",
    "gcp-sa-artifactregistry": "roles/artifactregistry.serviceAgent",
    "serverless-robot-prod": "roles/run.serviceAgent",
    "gcf-admin-robot": "roles/cloudfunctions.serviceAgent",
    "gcp-sa-aiplatform": "roles/aiplatform.serviceAgent",
}
# How Cloud Run's and Vertex AI's quotas name each GPU; written in lower case and without separators.
CLOUD_RUN_GPUS = {"nvidia-l4": "nvidial4gpualloc", "nvidia-rtx-pro-6000": "nvidiartxpro6000gpualloc"}
VERTEX_GPU_METRIC = "aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus"


@dataclass(frozen=True)
class Finding:
    """One answer: ``ok``, ``missing`` with what fixes it, or ``unsure`` with where to look."""

    state: Literal["ok", "missing", "unsure"]
    what: str
    remedy: str = ""


Check = Callable[[Gcloud, Namespace], Iterator[Finding]]


def check_account(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    active = gcloud.ask("auth", "list", "--filter=status:ACTIVE")
    if not active:
        yield Finding("missing", "no account is logged in", "gcloud auth login")
        return
    account = active[0]["account"]
    policy = gcloud.ask("projects", "get-iam-policy", wanted.project)
    owners = [
        member
        for binding in policy.get("bindings", [])
        if binding["role"] == "roles/owner"
        for member in binding["members"]
    ]
    if any(member.partition(":")[2] == account for member in owners):
        yield Finding("ok", f"{account} owns the project")
    else:
        yield Finding(
            "unsure",
            f"{account} is no owner by name; a group or a folder may make it one",
            f"gcloud projects get-iam-policy {wanted.project}",
        )


def check_project(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    state = gcloud.ask("projects", "describe", wanted.project).get("lifecycleState")
    if state == "ACTIVE":
        yield Finding("ok", f"the project {wanted.project} is active")
    else:
        yield Finding("missing", f"the project is {state}", f"gcloud projects undelete {wanted.project}")


def check_billing(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    if gcloud.ask("billing", "projects", "describe", wanted.project).get("billingEnabled"):
        yield Finding("ok", "billing is enabled")
    else:
        remedy = f"gcloud billing projects link {wanted.project} --billing-account=ACCOUNT"
        yield Finding("missing", "the project has no billing account", remedy)


def check_apis(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    listed = gcloud.ask("services", "list", "--enabled", f"--project={wanted.project}")
    enabled = {service["config"]["name"] for service in listed}
    missing = [name for api in NEEDED_APIS if (name := f"{api}.googleapis.com") not in enabled]
    if missing:
        remedy = f"gcloud services enable {' '.join(missing)} --project={wanted.project}"
        yield Finding("missing", f"APIs that are off: {', '.join(missing)}", remedy)
    else:
        yield Finding("ok", "the APIs that Terraform needs first are on; it switches the others on itself")


def check_agents(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    """Looks for the roles of Google's own accounts: an account that does not exist has none."""
    number = gcloud.ask("projects", "describe", wanted.project).get("projectNumber")
    bindings = gcloud.ask("projects", "get-iam-policy", wanted.project).get("bindings", [])
    granted = {(binding["role"], member) for binding in bindings for member in binding["members"]}
    missing = [
        f"{role} of {agent}"
        for agent, role in AGENT_ROLES.items()
        if (role, f"serviceAccount:service-{number}@{agent}.iam.gserviceaccount.com") not in granted
    ]
    if missing:
        said = f"roles that Google's own accounts lack: {', '.join(missing)}"
        yield Finding("missing", said, "docs/deploy.md, The first time, step 2")
    else:
        yield Finding("ok", "Google's own accounts have their roles")


def check_region(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    regions = gcloud.ask("run", "regions", "list", f"--project={wanted.project}")
    if wanted.region in {region["locationId"] for region in regions}:
        yield Finding("ok", f"Cloud Run is in {wanted.region}")
    else:
        yield Finding("missing", f"Cloud Run is not in {wanted.region}", "gcloud run regions list")


def check_cloud_run_gpus(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    if wanted.accelerator == "none":
        return
    prefix = CLOUD_RUN_GPUS[wanted.accelerator]
    suffix = "perprojectregion" if wanted.zonal_redundancy else "nozonalredundancyperprojectregion"
    quotas = _quotas(gcloud, wanted, "run.googleapis.com")
    found = next((each for each in quotas if each["quotaId"].lower() == prefix + suffix), None)
    yield _quota_finding(wanted, found, f"{wanted.accelerator} on Cloud Run", wanted.workers)


def check_vertex_gpus(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    if not wanted.vertex_replicas:
        return
    quotas = _quotas(gcloud, wanted, "aiplatform.googleapis.com")
    found = next((each for each in quotas if each.get("metric") == VERTEX_GPU_METRIC), None)
    yield _quota_finding(wanted, found, "L4 for predictions on Vertex AI", wanted.vertex_replicas)


def check_key_ring(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    """Looks for a key ring that an earlier deployment left: a new one of its name answers 409."""
    if not wanted.keys:
        return
    where = ("--location=" + wanted.region, "--project=" + wanted.project)
    try:
        ring = gcloud.ask("kms", "keyrings", "describe", wanted.name, *where)
    except GcloudFailed as failed:
        if not failed.says("NOT_FOUND", "SERVICE_DISABLED", "has not been used"):
            raise
        yield Finding("ok", f"the key ring's name {wanted.name} is free in {wanted.region}")
        return
    remedy = f"terraform import 'google_kms_key_ring.this[0]' {ring['name']}, and its keys: docs/deploy.md"
    yield Finding("missing", "an earlier deployment left its key ring: the apply would end with 409", remedy)


def _quotas(gcloud: Gcloud, wanted: Namespace, service: str) -> list[dict[str, Any]]:
    return gcloud.ask("beta", "quotas", "info", "list", f"--service={service}", f"--project={wanted.project}")


def _quota_finding(wanted: Namespace, quota: dict[str, Any] | None, what: str, least: int) -> Finding:
    page = f"https://console.cloud.google.com/iam-admin/quotas?project={wanted.project}"
    if quota is None:
        return Finding("unsure", f"the quota of {what} is not listed", page)
    here = [each for each in quota.get("dimensionsInfos", []) if wanted.region in each["applicableLocations"]]
    if not here:
        return Finding("missing", f"{wanted.region} does not offer {what}", "take another REGION")
    granted = int(here[0].get("details", {}).get("value", 0))  # more specific entries come first
    if 0 <= granted < least:
        said = f"{what}: {granted} of {least} granted in {wanted.region} ({quota['quotaId']})"
        return Finding("missing", said, f"ask for more: {page}")
    return Finding("ok", f"{what}: {'any number' if granted < 0 else granted} granted in {wanted.region}")


CHECKS: tuple[Check, ...] = (
    check_account,
    check_project,
    check_billing,
    check_apis,
    check_agents,
    check_region,
    check_cloud_run_gpus,
    check_vertex_gpus,
    check_key_ring,
)


def find_all(gcloud: Gcloud, wanted: Namespace) -> Iterator[Finding]:
    """Yields the answers of every check. What gcloud refuses to say is unsure, with its words."""
    for check in CHECKS:
        try:
            yield from check(gcloud, wanted)
        except GcloudFailed as failed:
            yield Finding("unsure", f"gcloud does not say: {failed.reason}", failed.command)


def read_arguments(arguments: Sequence[str] | None = None) -> Namespace:
    parser = ArgumentParser(prog="python -m tools.preflight", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--name", default="plantain", help="Terraform's variable name")
    parser.add_argument("--accelerator", default="nvidia-l4", choices=[*CLOUD_RUN_GPUS, "none"])
    parser.add_argument("--workers", default=3, type=int, metavar="N", help="worker_max_instances")
    parser.add_argument("--zonal-redundancy", action="store_true", help="gpu_zonal_redundancy = true")
    parser.add_argument("--vertex-replicas", default=0, type=int, metavar="N", help="L4 replicas, if any")
    parser.add_argument("--keys", action="store_true", help='cmek = true, or content_credentials = "kms"')
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = read_arguments(arguments)
    try:
        found = list(find_all(Gcloud(), wanted))
    except GcloudNotFound:
        print("error: gcloud is not installed: https://cloud.google.com/sdk/docs/install", file=sys.stderr)
        return 2
    for each in found:
        print(f"{each.state:8} {each.what}")
        if each.remedy:
            print(f"         → {each.remedy}")
    missing = sum(each.state == "missing" for each in found)
    unsure = sum(each.state == "unsure" for each in found)
    print(f"\n{missing} missing, {unsure} unsure, {len(found) - missing - unsure} ok")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
