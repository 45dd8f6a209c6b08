"""Plants faults in copies of terraform/, and shows that the checks find each.

Run it as ``python -m benchmarks.planted_faults``.

Each fault is one replacement of exact text, so that a fault whose place has gone is noticed and not counted
as found. ``--check`` names the command that checks a folder; the default lies beside the checkout, and needs
no registry, no credentials and no network.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gke_faults import GKE_FAULTS
from benchmarks.network_faults import NETWORK_FAULTS
from benchmarks.planted_fault import Fault
from benchmarks.watching_faults import WATCHING_FAULTS
from tools.check_terraform import copy_with_suite, find_suites

ROOT = Path(__file__).parents[1]


FAULTS = (
    Fault(
        "fewer threads than requests at once",
        "functions.tf",
        "      THREADS               = tostring(each.value.concurrency)\n",
        "",
    ),
    Fault(
        "one number of threads for every function",
        "functions.tf",
        "THREADS               = tostring(each.value.concurrency)",
        'THREADS               = "8"',
    ),
    Fault(
        "a role widened to the project",
        "service_accounts.tf",
        '[{ identity = "build", role = "roles/logging.logWriter" }],',
        '[{ identity = "build", role = "roles/logging.logWriter" }, '
        '{ identity = "worker", role = "roles/pubsub.subscriber" }],',
    ),
    Fault(
        "a role on the project, granted in another file",
        "vertex.tf",
        "# Models are deployed to it",
        'resource "google_project_iam_member" "more" {\n  project = var.project_id\n'
        '  role    = "roles/aiplatform.viewer"\n'
        '  member  = google_service_account.this["dispatch"].member\n}\n\n# Models are deployed to it',
    ),
    Fault(
        "the condition on the build's role is left out",
        "service_accounts.tf",
        'resource.name.startsWith(\\"projects/_/buckets/gcf-v2-sources-${local.number}-${var.region}\\")',
        "true",
    ),
    Fault(
        "a dead letter without a subscription",
        "pubsub.tf",
        'setsubtract(local.dead_letters, ["jobs"])',
        'setsubtract(local.dead_letters, ["jobs", "notify"])',
    ),
    Fault(
        "a subscription without a dead letter",
        "pubsub.tf",
        "  dead_letter_policy {\n"
        "    dead_letter_topic     = google_pubsub_topic.dead_letter[each.value.dead_letter].id\n"
        '    max_delivery_attempts = each.key == "dispatch" ? 100 : 20 '
        "# jobs wait there while the endpoint is busy\n"
        "  }\n",
        "",
    ),
    Fault(
        "dead letters of the remote lane go to a topic where no function ends the jobs",
        "pubsub.tf",
        'dispatch    = { topic = google_pubsub_topic.jobs["remote"].id, dead_letter = "jobs"',
        'dispatch    = { topic = google_pubsub_topic.jobs["remote"].id, dead_letter = "notify"',
    ),
    Fault(
        "Pub/Sub's agent may not publish to the dead letters",
        "pubsub.tf",
        'resource "google_pubsub_topic_iam_member" "agent_forwards" {\n'
        "  for_each = google_pubsub_topic.dead_letter\n",
        'resource "google_pubsub_topic_iam_member" "agent_forwards" {\n'
        '  for_each = { jobs = google_pubsub_topic.dead_letter["jobs"] }\n',
    ),
    Fault(
        "Pub/Sub's agent may not take messages from the worker's subscription",
        "pubsub.tf",
        "for_each = merge({ worker = google_pubsub_subscription.worker, "
        "worker_low = google_pubsub_subscription.worker_low }, google_pubsub_subscription.push)",
        "for_each = google_pubsub_subscription.push",
    ),
    Fault(
        "Cloud Storage's agent may not publish what happens in the results",
        "pubsub.tf",
        "  for_each = google_pubsub_topic.storage\n",
        '  for_each = { uploads = google_pubsub_topic.storage["uploads"] }\n',
    ),
    Fault(
        "a public member",
        "functions.tf",
        "  member   = each.key\n}",
        '  member   = "allUsers"\n}',
    ),
    Fault(
        "the public may be named as the API's caller",
        "variables.tf",
        "^(user|group|serviceAccount|domain|principal|principalSet):.+",
        ".+",
    ),
    Fault(
        "a tag is taken for a digest",
        "variables.tf",
        "(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$",
        "(/[a-z0-9._-]+)+[:@].+$",
    ),
    Fault(
        "a bucket that can be made public",
        "storage.tf",
        '  name                        = "${var.project_id}-${var.name}-results"\n'
        "  location                    = var.region\n"
        "  uniform_bucket_level_access = true\n"
        '  public_access_prevention    = "enforced"\n',
        '  name                        = "${var.project_id}-${var.name}-results"\n'
        "  location                    = var.region\n"
        "  uniform_bucket_level_access = true\n"
        '  public_access_prevention    = "inherited"\n',
    ),
    Fault(
        "the API may write anywhere in the uploads",
        "storage.tf",
        "/objects/api/",
        "/objects/",
    ),
    Fault(
        "the worker may change the models",
        "storage.tf",
        'google_storage_bucket.models[0].name, identity = "worker", role = "roles/storage.objectViewer"',
        'google_storage_bucket.models[0].name, identity = "worker", role = "roles/storage.objectUser"',
    ),
    Fault(
        "every function reads the watermark's key",
        "secrets.tf",
        'watermark-key   = { readers = ["worker"] }',
        'watermark-key   = { readers = ["worker", "api"] }',
    ),
    Fault(
        "a secret in the state",
        "secrets.tf",
        '  secret_data_wo         = "whsec_${base64sha256("${uuid()}${uuid()}${uuid()}")}"\n'
        '  secret_data_wo_version = "1"\n',
        '  secret_data            = "whsec_${base64sha256("${uuid()}${uuid()}${uuid()}")}"\n',
    ),
    Fault(
        "the webhook secret in plain sight",
        "functions.tf",
        "environment_variables = merge(local.settings, each.value.settings, {\n",
        "environment_variables = merge(local.settings, each.value.settings, {\n"
        '      PLANTAIN_WEBHOOK_SECRET = "x"\n',
    ),
    Fault(
        "a function that is reached from outside",
        "functions.tf",
        '"ALLOW_INTERNAL_ONLY"\n      secrets     = {}\n      settings    = local.vertex_settings',
        '"ALLOW_ALL"\n      secrets     = {}\n      settings    = local.vertex_settings',
    ),
    Fault(
        "functions run as one another",
        "functions.tf",
        "service_account_email            = google_service_account.this[each.key].email",
        'service_account_email            = google_service_account.this["sweep"].email',
    ),
    Fault(
        "pushes without a token",
        "pubsub.tf",
        "    oidc_token {\n"
        '      service_account_email = google_service_account.this["push"].email\n'
        "      audience              = "
        "google_cloudfunctions2_function.this[each.key].service_config[0].uri\n    }\n",
        "",
    ),
    Fault(
        "Pub/Sub may make access tokens",
        "service_accounts.tf",
        "roles/iam.serviceAccountOpenIdTokenCreator",
        "roles/iam.serviceAccountTokenCreator",
    ),
    Fault(
        "the autoscaler knows no maximum",
        "autoscaler.tf",
        "maxReplicaCount = var.worker_max_instances\n",
        "maxReplicaCount = 100\n",
    ),
    Fault(
        "the autoscaler may change every service",
        "autoscaler.tf",
        'resource "google_cloud_run_v2_worker_pool_iam_member" "autoscaler_scales" {\n'
        "  count = local.autoscaled && local.is_pool ? 1 : 0\n\n"
        "  location = var.region\n"
        "  name     = google_cloud_run_v2_worker_pool.worker[0].name\n"
        '  role     = "roles/run.developer"\n',
        'resource "google_cloud_run_v2_worker_pool_iam_member" "autoscaler_scales" {\n'
        "  count = local.autoscaled && local.is_pool ? 1 : 0\n\n"
        "  location = var.region\n"
        "  name     = google_cloud_run_v2_worker_pool.worker[0].name\n"
        '  role     = "roles/run.admin"\n',
    ),
    Fault(
        "a topic that is encrypted with Google's key though there is one of ours",
        "pubsub.tf",
        '  name                       = "${var.name}-events"\n'
        "  kms_key_name               = one(local.key)\n",
        '  name                       = "${var.name}-events"\n',
    ),
    Fault(
        "a subscription that a quiet month deletes",
        "pubsub.tf",
        '  message_retention_duration = "2678400s"\n\n  expiration_policy {\n    ttl = ""\n  }\n',
        '  message_retention_duration = "2678400s"\n\n  expiration_policy {\n    ttl = "2678400s"\n  }\n',
    ),
    Fault(
        "an alert on a metric that is not there",
        "alerts.tf",
        'metric.type = \\"${local.metric}/no_start\\"',
        'metric.type = \\"${local.metric}/crashes\\"',
    ),
    Fault(
        "a misspelt attribute",
        "scheduler.tf",
        '  attempt_deadline = "120s"\n',
        '  attempt_dead_line = "120s"\n',
    ),
    Fault(
        "a GPU that the worker need not use",
        "worker.tf",
        '{ PLANTAIN_DEVICE = "cuda", PLANTAIN',
        "{ PLANTAIN",
    ),
    Fault(
        "a classifier whose place is not said",
        "worker.tf",
        '        PLANTAIN_CLASSIFIER_LOCATION = coalesce(var.safety.classifier_location, "global")\n',
        "",
    ),
    Fault(
        "European pictures are looked at anywhere",
        "variables.tf",
        '|| !startswith(var.region, "europe-")',
        '|| startswith(var.region, "europe-")',
    ),
    Fault(
        "alerts that do not wait for a later metric",
        "waits.tf",
        "merge(google_logging_metric.counter, google_logging_metric.distribution, "
        "google_logging_metric.foreign) : name => metric.id",
        "google_logging_metric.counter : name => metric.id",
    ),
    Fault("alerts that hardly wait for their metrics", "waits.tf", '"600s"', '"60s"'),
    Fault(
        "a later account that is not waited for",
        "waits.tf",
        "{ for name, account in google_service_account.this : name => account.unique_id }",
        "{}",
    ),
    Fault(
        "secrets that do not wait for the key's grants",
        "secrets.tf",
        "depends_on = [google_project_service.api, time_sleep.key_grants]",
        "depends_on = [google_project_service.api]",
    ),
    Fault(
        "functions that are built before their account may",
        "functions.tf",
        "    time_sleep.roles,\n",
        "",
    ),
    *NETWORK_FAULTS,
    *WATCHING_FAULTS,
    *GKE_FAULTS,
)


@dataclass(frozen=True)
class Finding:
    red: bool
    seconds: float
    said: str


def check(command: Path, folder: Path) -> Finding:
    """Returns whether the check fails, and its first message then."""
    began = time.monotonic()
    done = subprocess.run([str(command), str(folder)], capture_output=True, text=True, check=False)
    lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines()]
    return Finding(done.returncode != 0, time.monotonic() - began, _first_error(lines))


def _first_error(lines: list[str]) -> str:
    """Returns the message of an assertion, which follows its values; otherwise the title of the error."""
    for n, line in enumerate(lines):
        if line.startswith("Error: Test assertion failed"):
            block = lines[n + 1 : n + 40]
            after = [text for text in block if text and not text.startswith(("on ", "├", "│"))]
            return next((text for text in after if not text[0].isdigit()), line)
        if line.startswith("Error: "):
            return line.removeprefix("Error: ")
    return ""


def try_one(command: Path, fault: Fault) -> Finding:
    with copy_with_suite(fault.suite) as folder:
        fault.plant(folder)
        return check(command, folder)


def try_none(command: Path, suite: str) -> Finding:
    with copy_with_suite(suite) as folder:
        return check(command, folder)


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.planted_faults", description=__doc__)
    parser.add_argument(
        "--check",
        type=Path,
        default=os.environ.get("TFCHECK") or None,
        help="the command that checks a folder; without it, the one that TFCHECK names",
    )
    parser.add_argument("--only", help="faults whose name has this in it")
    asked = parser.parse_args()
    if asked.check is None or not asked.check.exists():
        print(f"There is no {asked.check or 'check'}: name it with --check, or with the variable TFCHECK.")
        return 2
    faults = [fault for fault in FAULTS if asked.only is None or asked.only in fault.name]
    missed = sum(
        _report(f"(no fault) {suite}", try_none(asked.check, suite), red=False)
        for suite in find_suites()
        if asked.only is None or suite in {fault.suite for fault in faults}
    )
    for fault in faults:
        missed += _report(fault.name, try_one(asked.check, fault), red=True)
    print(f"\n{len(faults)} faults planted, {missed} surprises.")
    return 1 if missed else 0


def _report(name: str, found: Finding, *, red: bool) -> int:
    """Prints one line. Returns 1 if the result is not the expected one, else 0."""
    colour = "red" if found.red else "green"
    surprise = "" if found.red == red else "   <-- should be " + ("red" if red else "green")
    print(f"{colour:5}  {found.seconds:5.0f} s  {name:72}  {found.said[:80]}{surprise}", flush=True)
    return int(found.red != red)


if __name__ == "__main__":
    sys.exit(main())
