"""The environment of every process of the stack: the same PLANTAIN_* variables as in the cloud."""

from __future__ import annotations

import os
from collections.abc import Mapping

from local.data_folder import DataDirectory
from local.model_store.offered_models import model_settings

PROJECT = "plantain-local"
DEFAULTS = {
    "PLANTAIN_PROFILE": "local",
    "PLANTAIN_PROJECT": PROJECT,
    "PLANTAIN_UPLOADS_BUCKET": "plantain-uploads",
    "PLANTAIN_RESULTS_BUCKET": "plantain-results",
    "PLANTAIN_JOBS_BUCKET": "plantain-jobs",
    "PLANTAIN_LOW_JOBS_TOPIC": "jobs-gpu-low",
    "PLANTAIN_LOW_SUBSCRIPTION": "jobs-gpu-low-worker",
    "GOOGLE_CLOUD_PROJECT": PROJECT,
    "GRPC_VERBOSITY": "ERROR",
    # Threads that wait by spinning nearly stop each other when the machine is busy: docs/traps.md.
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
}
CLIENT_ONLY = ("PLANTAIN_URL", "PLANTAIN_API_KEY", "PLANTAIN_TOKEN")


def stack_environment(
    data: DataDirectory,
    *,
    storage: str,
    pubsub: str,
    model: str | None = None,
    workers: int = 1,
    inherited: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Returns the environment of the stack's processes: variables that are set already stay, except for
    addresses, and the models of ``plantain models pull`` are added.
    """
    stack = {
        "PLANTAIN_DATA": str(data.path),
        "STORAGE_EMULATOR_HOST": storage,
        "PUBSUB_EMULATOR_HOST": pubsub,
    }
    kept = {name: value for name, value in inherited.items() if name not in CLIENT_ONLY}
    found = {**DEFAULTS, **kept, **stack}
    found |= model_settings(data.models, found, model)
    found.setdefault("PLANTAIN_WEBHOOK_SECRET", data.webhook_secret())
    if workers > 1:  # each would take all cores, and they would wait for each other
        found.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    return found


def client_exports(storage: str, pubsub: str, project: str = PROJECT) -> dict[str, str]:
    """Returns the variables that programs of this machine set, whichever client library they use.

    Args:
        storage: the address of Cloud Storage, such as ``http://127.0.0.1:9023``.
        pubsub: the address of Pub/Sub, such as ``127.0.0.1:8085``.
    """
    address = storage if "://" in storage else f"http://{storage}"
    return {
        "STORAGE_EMULATOR_HOST": storage,
        "PUBSUB_EMULATOR_HOST": pubsub,
        "GOOGLE_CLOUD_PROJECT": project,
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{address}/storage/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB": f"http://{pubsub}/",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_PROJECT": project,
        # gcsfs would first ask another API, over TLS, and wait for a minute.
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }
