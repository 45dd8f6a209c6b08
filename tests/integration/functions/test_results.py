"""What a job has come to: its pictures, its manifest, and the places to put pictures."""

from __future__ import annotations

from typing import Any

import httpx

from functions.contract import paths
from tests.integration.functions.deployment import Deployment, picture


def finished(deployment: Deployment) -> str:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    return job_id


def test_on_a_laptop_the_bytes_come_at_once(deployment: Deployment) -> None:
    job_id = finished(deployment)
    (image,) = deployment.job(job_id)["images"]
    answer = deployment.client.get(image["url"])
    data = deployment.services.results.get(paths.result_picture(job_id, 0, "png")).data
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", data)
    assert answer.content_length == len(data)
    assert image == {
        "uri": f"gs://{deployment.settings.results_bucket}/{job_id}/0.png",
        "url": f"/v1/jobs/{job_id}/images/0",
        "width": 512,
        "height": 512,
        "content_type": "image/png",
    }


def test_a_picture_is_not_sent_twice(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0"
    tag = deployment.client.get(url).headers["ETag"]
    again = deployment.client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_head_tells_the_size_alone(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0"
    answer = deployment.client.open(url, method="HEAD")
    assert answer.data == b""
    assert answer.content_length == deployment.client.get(url).content_length


def test_in_the_cloud_it_is_a_signed_url(deployment: Deployment) -> None:
    job_id = finished(deployment)
    signed: list[tuple[Any, ...]] = []

    def sign(*wanted: Any, **options: Any) -> str:
        signed.append((*wanted, options))
        return "https://storage.example/signed"

    cloud = deployment.replace(profile="production", sign_url=sign, api_keys={KEY_SHA256: "local"})
    answer = cloud.client.get(f"/v1/jobs/{job_id}/images/0", headers={"X-API-Key": "key"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://storage.example/signed")
    saved = cloud.client.get(f"/v1/jobs/{job_id}/images/0?download=true", headers={"X-API-Key": "key"})
    assert saved.status_code == 302
    where = (deployment.settings.results_bucket, paths.result_picture(job_id, 0, "png"), "GET")
    assert signed == [(*where, {"saved_as": None}), (*where, {"saved_as": f"{job_id}-0.png"})]


def test_a_signed_url_of_a_download_is_saved_by_a_browser(deployment: Deployment) -> None:
    job_id = finished(deployment)
    name = paths.result_picture(job_id, 0, "png")
    url = deployment.services.sign_url(
        deployment.settings.results_bucket, name, "GET", saved_as=f"{job_id}-0.png"
    )
    answer = httpx.get(url)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{job_id}-0.png"'
    assert answer.content == deployment.client.get(f"/v1/jobs/{job_id}/images/0").data


def test_on_a_laptop_a_download_has_a_name_of_its_own(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0"
    assert "Content-Disposition" not in deployment.client.get(url).headers
    saved = deployment.client.get(f"{url}?download=true").headers["Content-Disposition"]
    assert saved == f'attachment; filename="{url.split("/")[3]}-0.png"'
    for query in ("download=yes", "download=true&download=true", "size=3"):
        assert deployment.client.get(f"{url}?{query}").status_code == 400


def test_a_page_that_sends_a_key_gets_the_signed_url_as_json(deployment: Deployment) -> None:
    url = f"/v1/jobs/{finished(deployment)}/images/0"

    def sign(*_: Any, **__: Any) -> str:
        return "https://storage.example/signed"

    cloud = deployment.replace(profile="production", sign_url=sign, api_keys={KEY_SHA256: "local"})
    answer = cloud.client.get(url, headers={"X-API-Key": "key", "Accept": "application/json, image/*"})
    assert (answer.status_code, answer.json["url"]) == (200, "https://storage.example/signed")
    anything = cloud.client.get(url, headers={"X-API-Key": "key", "Accept": "*/*"})
    assert anything.status_code == 302


KEY_SHA256 = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  # of "key"


def test_only_what_the_manifest_names_is_given_out(deployment: Deployment) -> None:
    job_id = finished(deployment)
    deployment.services.results.put(paths.result_picture(job_id, 1, "png"), picture(), "image/png")
    for n in ("1", "99", "-1", "manifest.json"):
        assert deployment.client.get(f"/v1/jobs/{job_id}/images/{n}").status_code == 404


def test_there_are_no_pictures_before_the_end(deployment: Deployment) -> None:
    job_id = deployment.generate()
    answer = deployment.client.get(f"/v1/jobs/{job_id}/images/0")
    assert (answer.status_code, answer.json["detail"]) == (404, "The job has not ended: it is queued.")
    assert deployment.client.get(f"/v1/jobs/{job_id}/manifest").status_code == 404


def test_the_manifest_says_how_it_ended(deployment: Deployment) -> None:
    job_id = finished(deployment)
    manifest = deployment.client.get(f"/v1/jobs/{job_id}/manifest").json
    assert (manifest["job_id"], manifest["state"]) == (job_id, "succeeded")
    assert manifest["images"][0]["sha256"]


def test_a_place_for_an_upload_takes_the_picture_and_nothing_larger(deployment: Deployment) -> None:
    place = deployment.post({"content_type": "image/jpeg"}, "/v1/uploads").json
    assert place["upload"].startswith("up_")
    large = httpx.put(place["url"], content=b"\x00" * (50 * 2**20 + 1), headers=place["headers"])
    assert large.status_code == 400
    data = picture(format="JPEG")
    assert httpx.put(place["url"], content=data, headers=place["headers"]).status_code == 200
    name = paths.uploaded_picture("local", place["upload"])
    assert deployment.services.uploads.get(name).data == data
    assert deployment.services.uploads.stat(name).content_type == "image/jpeg"
