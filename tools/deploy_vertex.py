"""Deploys the worker's image on the Vertex AI endpoint: ``make vertex IMAGE=…@sha256:…``.

Terraform makes the endpoint and has no resource for what runs on it. This command uploads the image as a
version of one model, deploys it beside the present ones, and gives it its share of the traffic. It reads the
endpoint, the service account and the settings from Terraform's outputs: run it after ``terraform apply``.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

ROOT = Path(__file__).parents[1]


if TYPE_CHECKING:
    from google.cloud.aiplatform import Endpoint, Model

COMMAND = ("python", "-m", "worker.vertex_container")
PORT, HEALTH, PREDICT = 8080, "/health", "/predict"
_BUSY_SHARE = 60  # percent of the time that a GPU computes, from which on there is another replica


class DeploymentError(Exception):
    """A deployment cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class DeploymentPlan:
    """The endpoint (its full name), the service account, and the environment of a deployment."""

    endpoint: str
    service_account: str
    environment: dict[str, str]
    key: str | None = None

    @classmethod
    def of(cls, outputs: dict[str, Any]) -> DeploymentPlan:
        """Reads ``terraform output -json``. Raises DeploymentError."""
        container = outputs.get("vertex_container", {}).get("value")
        if not container:
            raise DeploymentError("There is no endpoint: apply with vertex = {} first.")
        return cls(
            container["endpoint"], container["service_account"], container["environment"], container["key"]
        )


def read_terraform_outputs() -> dict[str, Any]:
    """Raises DeploymentError."""
    try:
        said = subprocess.run(
            ["terraform", "-chdir=terraform", "output", "-json"], cwd=ROOT, capture_output=True, check=True
        )
        return json.loads(said.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise DeploymentError(f"terraform output does not say where to: {error}") from error


def deploy_model(plan: DeploymentPlan, wanted: Namespace) -> dict[str, int]:
    """Uploads and deploys the image, in about 15 minutes. Returns the split of traffic by deployed model."""
    from google.cloud import aiplatform

    _, project, _, location, *_ = plan.endpoint.split("/")
    aiplatform.init(project=project, location=location)
    endpoint = _endpoint(plan.endpoint, scales_to_zero=wanted.min_replicas == 0)
    endpoint.deploy(
        _upload_model(plan, wanted),
        deployed_model_display_name=wanted.name,
        traffic_percentage=wanted.traffic,
        machine_type=wanted.machine,
        accelerator_type=wanted.accelerator,
        accelerator_count=wanted.accelerators if wanted.accelerator else None,
        min_replica_count=wanted.min_replicas,
        max_replica_count=max(1, wanted.min_replicas, wanted.max_replicas),
        service_account=plan.service_account,
        autoscaling_target_accelerator_duty_cycle=_BUSY_SHARE if wanted.accelerator else None,
        **_scale_to_zero(wanted),
    )
    if wanted.retire:
        _undeploy_idle_models(endpoint)
    return endpoint.traffic_split


def _endpoint(name: str, *, scales_to_zero: bool) -> Endpoint:
    """Returns the endpoint: by version v1beta1 of the API for scale to zero, which v1 lacks in 2026-11."""
    from google.cloud import aiplatform
    from google.cloud.aiplatform.preview import models

    return models.Endpoint(name) if scales_to_zero else aiplatform.Endpoint(name)


def _scale_to_zero(wanted: Namespace) -> dict[str, Any]:
    """Returns what a deployment that scales to zero needs. One replica starts at once, as a test."""
    if wanted.min_replicas:
        return {}
    return {"initial_replica_count": 1, "idle_scaledown_period": wanted.idle_minutes * 60}


def _upload_model(plan: DeploymentPlan, wanted: Namespace) -> Model:
    from google.cloud import aiplatform

    there = _model_exists(plan, wanted.name)
    model = aiplatform.Model.upload(
        model_id=None if there else wanted.name,
        parent_model=wanted.name if there else None,
        display_name=wanted.name,
        serving_container_image_uri=wanted.image,
        serving_container_command=list(COMMAND),
        serving_container_ports=[PORT],
        serving_container_health_route=HEALTH,
        serving_container_predict_route=PREDICT,
        serving_container_environment_variables={
            **plan.environment,
            "PLANTAIN_DEVICE": _replica_device(wanted),
        },
        artifact_uri=wanted.artifacts,
        encryption_spec_key_name=plan.key,
    )
    return cast("Model", model)  # with sync, which is the default, there is one


def _replica_device(wanted: Namespace) -> str:
    """Returns the replica's device: it may differ from that of the workers that Terraform makes."""
    return "cuda" if wanted.accelerator else "cpu"


def _model_exists(plan: DeploymentPlan, name: str) -> bool:
    from google.api_core.exceptions import NotFound
    from google.cloud import aiplatform

    try:
        aiplatform.Model(f"{plan.endpoint.rpartition('/endpoints/')[0]}/models/{name}")
    except NotFound:
        return False
    return True


def _undeploy_idle_models(endpoint: Endpoint) -> None:
    """Undeploys models without traffic: a model on an endpoint costs money even when it is idle."""
    split = endpoint.traffic_split
    for deployed in endpoint.list_models():
        if not split.get(deployed.id):
            endpoint.undeploy(deployed.id)


def read_arguments(arguments: Sequence[str] | None = None) -> Namespace:
    parser = ArgumentParser(
        prog="python -m tools.deploy_vertex", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--image", required=True, help="the worker's image, by its digest", type=_image_digest
    )
    parser.add_argument("--name", default="plantain", help="the model's id in the registry")
    parser.add_argument("--machine", default="g2-standard-8")
    parser.add_argument("--accelerator", default="NVIDIA_L4", type=_accelerator_name, help="none: CPUs alone")
    parser.add_argument("--accelerators", default=1, type=int, metavar="N", help="of them in each replica")
    parser.add_argument(
        "--min-replicas", default=1, type=_least, metavar="N", help="that stand always; 0: none"
    )
    parser.add_argument(
        "--idle-minutes", default=60, type=_idle, metavar="N", help="without a job until the last one goes"
    )
    parser.add_argument("--max-replicas", default=2, type=_replica_count, metavar="N")
    parser.add_argument(
        "--traffic", default=100, type=_traffic_share, metavar="PERCENT", help="for the new one"
    )
    parser.add_argument("--retire", action="store_true", help="undeploy what is left without traffic")
    parser.add_argument("--artifacts", metavar="gs://…", help="weights, for models at $(AIP_STORAGE_URI)")
    parser.add_argument("--outputs", type=Path, help="terraform output -json; by default it is asked")
    return parser.parse_args(arguments)


def _image_digest(image: str) -> str:
    if "@sha256:" not in image:
        raise ArgumentTypeError("name the image by its digest: a tag may be another one tomorrow")
    return image


def _accelerator_name(name: str) -> str | None:
    return None if name == "none" else name


def _number_between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdigit() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"a number from {least} to {most}")
        return int(text)

    return read


_replica_count, _least, _traffic_share, _idle = (
    _number_between(1, 1_000),
    _number_between(0, 1_000),
    _number_between(0, 100),
    _number_between(5, 480),
)


def main(arguments: Sequence[str] | None = None) -> int:
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    wanted = read_arguments(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        outputs = json.loads(wanted.outputs.read_text()) if wanted.outputs else read_terraform_outputs()
        split = deploy_model(DeploymentPlan.of(outputs), wanted)
    except (DeploymentError, GoogleAPIError, GoogleAuthError, RuntimeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for deployed, share in split.items():
        print(f"{deployed}: {share} % of the traffic")
    return 0


if __name__ == "__main__":
    sys.exit(main())
