"""Clips in the shape of Veo: begun, polled, and read in both of Google's ways."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from functions.contract.document import now
from functions.contract.errors import BlockFacts, ErrorFacts
from functions.contract.manifest import Manifest
from functions.contract.states import State
from tests.integration.functions.deployment import Answer, Deployment

MODEL = "models/veo-3.1-generate-preview"
CLOUD = f"projects/p/locations/l/publishers/google/{MODEL}"


def begin(deployment: Deployment, place: str = f"v1beta/{MODEL}") -> tuple[str, str]:
    """The operation's name, and the id of its job, which a worker has begun."""
    body = {"instances": [{"prompt": "a boat rocks"}], "parameters": {"durationSeconds": 2}}
    answer = deployment.client.post(f"/{place}:predictLongRunning", json=body)
    assert answer.status_code == 200, answer.text
    name = answer.json["name"]
    job_id = name.rpartition("/")[2]
    deployment.claim(job_id)
    return name, job_id


def fetch(deployment: Deployment, name: str) -> Answer:
    return deployment.client.post(f"/v1beta1/{CLOUD}:fetchPredictOperation", json={"operationName": name})


def end(deployment: Deployment, job_id: str, error: ErrorFacts, state: State) -> None:
    record = deployment.record(job_id)
    manifest = deployment.services.committer.commit(Manifest.of(record, state, now(), error=error))
    deployment.services.committer.settle(manifest)


def test_an_operation_ends_with_a_file(deployment: Deployment) -> None:
    name, job_id = begin(deployment)
    assert deployment.record(job_id).request.task == "animate"
    running = deployment.client.get(f"/v1beta/{name}").json
    assert running["metadata"]["value"]["state"] == "running" and "done" not in running
    manifest = deployment.succeed(job_id)
    ended = deployment.client.get(f"/v1beta/{name}").json
    (sample,) = ended["response"]["generateVideoResponse"]["generatedSamples"]
    assert ended["done"] and sample["video"]["uri"] == f"files/clip{job_id.removeprefix('job_')}"
    data = deployment.services.results.get(manifest.images[0].name).data
    assert deployment.client.get(f"/v1beta/{sample['video']['uri']}:download?alt=media").data == data
    file = deployment.client.get(f"/v1beta/{sample['video']['uri']}").json
    assert (file["sizeBytes"], file["source"]) == (str(len(data)), "GENERATED")
    over_tls = deployment.client.get(f"/v1beta/{name}", headers={"X-Forwarded-Proto": "https"}).json
    (sample,) = over_tls["response"]["generateVideoResponse"]["generatedSamples"]
    assert sample["video"]["uri"].startswith("https://") and ":download" in sample["video"]["uri"]


def test_vertex_ai_has_the_clip_in_the_answer(deployment: Deployment) -> None:
    name, job_id = begin(deployment, f"v1beta1/{CLOUD}")
    assert name == f"{CLOUD}/operations/{job_id}"
    assert "done" not in fetch(deployment, name).json
    manifest = deployment.succeed(job_id)
    (video,) = fetch(deployment, name).json["response"]["videos"]
    data = deployment.services.results.get(manifest.images[0].name).data
    assert base64.b64decode(video["bytesBase64Encoded"]) == data


def test_a_withheld_clip_is_counted_and_a_failed_one_is_an_error(deployment: Deployment) -> None:
    name, job_id = begin(deployment)
    block = BlockFacts(policy_version="1", categories=("violence",), support_code="x")
    said = ErrorFacts(code="image_blocked", message="Withheld.", stage="screen_output", block=block)
    end(deployment, job_id, said, State.BLOCKED)
    found = deployment.client.get(f"/v1beta/{name}").json["response"]["generateVideoResponse"]
    assert found["raiMediaFilteredCount"] == 1 and found["raiMediaFilteredReasons"]
    name, job_id = begin(deployment)
    failed = ErrorFacts(code="out_of_memory", message="Too large.")
    end(deployment, job_id, failed, State.FAILED)
    operation: Any = deployment.client.get(f"/v1beta/{name}").json
    assert operation["done"] and operation["error"]["message"] == "Too large."


@pytest.mark.parametrize("path", [f"{MODEL}/operations/<job>", "files/clip<tail>"])
def test_a_job_that_makes_no_clip_is_no_operation(deployment: Deployment, path: str) -> None:
    job_id = deployment.generate()
    named = path.replace("<job>", job_id).replace("<tail>", job_id.removeprefix("job_"))
    assert deployment.client.get(f"/v1beta/{named}").status_code == 404


def test_a_name_that_is_no_operations_is_refused(deployment: Deployment) -> None:
    assert fetch(deployment, "operations/7").status_code == 400
