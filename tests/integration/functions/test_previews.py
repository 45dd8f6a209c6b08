"""Small pictures for pages: of what a job made, and of what it was given."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from PIL import Image

from functions.contract import paths
from functions.contract.clips import ClipFacts
from functions.contract.document import now
from functions.contract.formats import CONTENT_TYPES
from functions.contract.manifest import ImageFacts, Manifest
from functions.contract.states import State
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}

CLIP = ClipFacts(seconds=2, fps=24, frames=48, codec="h264", sampled=10, marked=10)


def size_of(answer: Answer) -> tuple[int, int]:
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg"), answer.text
    with Image.open(BytesIO(answer.data)) as opened:
        opened.load()
        return opened.size


def finished(deployment: Deployment, **fields: object) -> str:
    job_id = deployment.generate(**fields)
    deployment.claim(job_id)
    deployment.succeed(job_id)
    return job_id


def test_a_result_has_a_small_picture_of_its_shape(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment, aspect_ratio='16:9')}/images/0/preview"
    width, height = size_of(deployment.client.get(f"{url}?size=128"))
    assert (width, round(width / height, 1)) == (128, 1.8)
    assert max(size_of(deployment.client.get(url))) == 512


def finished_clip(deployment: Deployment) -> str:
    job_id = deployment.generate(task="animate", seconds=2)
    deployment.claim(job_id)
    record, images = deployment.record(job_id), list[ImageFacts]()
    for n, (format, data) in enumerate({"mp4": b"a clip", "jpeg": picture(688, 384, format="JPEG")}.items()):
        name = paths.result_picture(job_id, n, format)
        deployment.services.results.put(name, data, CONTENT_TYPES[format])
        shared = {
            "width": 688,
            "height": 384,
            "bit_depth": 8,
            "content_type": CONTENT_TYPES[format],
            "seed": 1,
        }
        facts = {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        images.append(
            ImageFacts.model_validate({**shared, **facts, "clip": CLIP if format == "mp4" else None})
        )
    manifest = Manifest.of(record, State.SUCCEEDED, now(), images=tuple(images))
    deployment.services.committer.settle(deployment.services.committer.commit(manifest))
    return job_id


def test_a_clip_is_shown_by_its_poster(deployment: Deployment) -> None:
    job_id = finished_clip(deployment)
    assert size_of(deployment.client.get(f"/v1/jobs/{job_id}/images/0/preview?size=344")) == (344, 192)
    whole = deployment.client.get(f"/v1/jobs/{job_id}/images/0")
    assert (whole.mimetype, whole.data) == ("video/mp4", b"a clip")
    shown = [image["content_type"] for image in deployment.job(job_id)["images"]]
    assert shown == ["video/mp4", "image/jpeg"]


def test_it_is_never_larger_than_the_picture(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0/preview?size=2048"
    assert size_of(deployment.client.get(url)) == (512, 512)


def test_what_the_browser_has_is_not_made_again(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0/preview"
    first = deployment.client.get(url)
    again = deployment.client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = deployment.client.get(f"{url}?size=64", headers={"If-None-Match": first.headers["ETag"]})
    assert size_of(other) == (64, 64)


def test_a_picture_that_was_sent_is_shown_upright_and_on_white(deployment: Deployment) -> None:
    target, exif = BytesIO(), Image.Exif()
    exif[274] = 6  # to be turned by a quarter
    Image.new("RGBA", (400, 200), (0, 0, 0, 0)).save(target, "PNG", exif=exif)
    image = {"data": base64_of(target.getvalue())}
    job_id = deployment.generate(task="edit", images=[image], size=None)
    answer = deployment.client.get(f"/v1/jobs/{job_id}/inputs/0/preview?size=200")
    assert size_of(answer) == (100, 200)
    with Image.open(BytesIO(answer.data)) as opened:
        assert opened.getpixel((50, 100)) == (255, 255, 255)


def test_a_picture_of_a_bucket_is_shown_while_it_is_there(deployment: Deployment) -> None:
    deployment.upload("everybody/boat.png", picture(640, 320))
    uri = f"gs://{deployment.settings.uploads_bucket}/everybody/boat.png"
    url = f"/v1/jobs/{deployment.generate(task='edit', images=[{'uri': uri}], size=None)}/inputs/0/preview"
    assert size_of(deployment.client.get(url)) == (512, 256)
    deployment.services.uploads.delete("everybody/boat.png")
    assert deployment.client.get(url).status_code == 404


@pytest.mark.parametrize("path", ["images/1/preview", "inputs/0/preview", "inputs/1/preview"])
def test_a_picture_that_never_was_is_not_found(deployment: Deployment, path: str) -> None:
    assert deployment.client.get(f"/v1/jobs/{finished(deployment)}/{path}").status_code == 404


def test_a_result_that_has_expired_is_said_to_have(deployment: Deployment) -> None:
    job_id = finished(deployment)
    deployment.services.results.delete(paths.result_picture(job_id, 0, "png"))
    answer = deployment.client.get(f"/v1/jobs/{job_id}/images/0/preview")
    assert (answer.status_code, answer.json["code"]) == (410, "expired_result")


@pytest.mark.parametrize("size", ["0", "15", "2049", "9999999999", "-1", "1.5", "large", ""])
def test_a_size_that_is_none_is_refused(deployment: Deployment, size: str) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0/preview?size={size}"
    answer = deployment.client.get(url)
    assert (answer.status_code, answer.json["field"]) == (400, "size")


def test_another_owner_sees_neither(deployment: Deployment) -> None:
    shared = deployment.replace(api_keys=KEYS)
    body = {"task": "edit", "prompt": "make it blue", "images": [{"data": base64_of(picture())}]}
    job_id = shared.post(body, X_API_Key="ada-key").json["id"]
    shared.claim(job_id)
    shared.succeed(job_id)
    for path in ("images/0/preview", "inputs/0/preview"):
        answers = {
            owner: shared.client.get(f"/v1/jobs/{job_id}/{path}", headers={"X-API-Key": f"{owner}-key"})
            for owner in ("ada", "bob")
        }
        assert answers["bob"].status_code == 404
        assert "X-API-Key" in answers["ada"].headers["Vary"]
        assert size_of(answers["ada"]) == (320, 256)
