"""``:predictLongRunning`` in the shape of Veo: what becomes of each field, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.gemini.files.file_names import check_given_name, job_id_of_video, name_of_video
from functions.api.gemini.videos.video_body import VideoBody, resolve_video_model, video_request
from functions.contract.errors import InvalidRequest, UnknownModel, UnsupportedSize, UnsupportedTask
from functions.contract.request import JobRequest
from functions.contract.settings import Settings

VEO = "veo-3.1-generate-preview"
BUCKETS = {f"{name}_bucket": name for name in ("uploads", "results", "jobs")}


def settings(**more: Any) -> Settings:
    return Settings.model_validate({"project": "p", **BUCKETS, **more})


def ask(parameters: dict[str, Any], model: str = VEO, **instance: Any) -> JobRequest:
    body = {"instances": [{"prompt": "a boat rocks", **instance}], "parameters": parameters}
    return video_request(VideoBody.model_validate(body), model, settings())


def test_all_that_veo_and_a_clip_have_in_common_is_taken() -> None:
    asked = ask(
        {"durationSeconds": 6, "fps": 24, "seed": 7, "aspectRatio": "9:16", "resolution": "720p"},
        image={"bytesBase64Encoded": "aGVsbG8=", "mimeType": "image/png"},
    )
    assert (asked.task, asked.model, asked.prompt) == ("animate", "mock", "a boat rocks")
    assert (asked.seconds, asked.fps, asked.seed, asked.format) == (6, 24, 7, "mp4")
    assert (asked.width, asked.height, len(asked.images)) == (720, 1280, 1)


def test_without_a_resolution_the_ratio_alone_is_asked_for() -> None:
    asked = ask({"aspectRatio": "1:1"})
    assert (asked.aspect_ratio, asked.width, asked.seconds) == ("1:1", None, None)


@pytest.mark.parametrize(
    ("parameters", "instance", "field"),
    [
        ({"generateAudio": True}, {}, "parameters.generateAudio"),
        ({"storageUri": "gs://b/c"}, {}, "parameters.storageUri"),
        ({"sampleCount": 2}, {}, "parameters.sampleCount"),
        ({"personGeneration": "dont_allow"}, {}, "parameters.personGeneration"),
        ({"resolution": "4k"}, {}, "parameters.resolution"),
        ({"resolution": "720p", "aspectRatio": "1:1"}, {}, "parameters.resolution"),
        ({}, {"lastFrame": {"bytesBase64Encoded": "x"}}, "instances[0].lastFrame"),
        ({}, {"referenceImages": []}, "instances[0].referenceImages"),
        ({}, {"video": {"uri": "x"}}, "instances[0].video"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(
    parameters: dict[str, Any], instance: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ask(parameters, **instance)
    assert refused.value.field == field
    assert isinstance(refused.value, UnsupportedSize) is (field == "parameters.resolution")


def test_a_name_of_veos_means_a_model_that_draws_clips() -> None:
    assert resolve_video_model(settings(), f"models/{VEO}") == "mock"
    assert resolve_video_model(settings(), "starter") == "starter"  # refused later, by its own name
    assert resolve_video_model(settings(model_aliases={"veo-*": "starter"}), VEO) == "starter"
    with pytest.raises(UnsupportedTask):
        resolve_video_model(settings(models={"starter": "worker/embedded_model"}), VEO)
    with pytest.raises(UnknownModel):
        resolve_video_model(settings(), "nobody")


def test_the_file_of_a_clip_is_named_by_its_job_and_no_upload_takes_the_name() -> None:
    job_id = "job_" + "a2" * 13
    name = name_of_video(job_id).removeprefix("files/")
    assert job_id_of_video(name) == job_id
    assert name.isalnum()  # google-genai reads a name in an address up to the first other sign
    assert job_id_of_video("clip-of-mine") is None
    with pytest.raises(InvalidRequest):
        check_given_name(f"files/{name}")
