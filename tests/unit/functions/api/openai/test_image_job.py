"""Requests for images, translated to jobs."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.openai.image_fields import EXTRAS, ImageFields, read_image_fields
from functions.api.openai.image_job import ATTEMPTS, edit_request, generation_request
from functions.api.openai.image_sizes import parse_size, size_fields
from functions.contract.errors import InvalidRequest, UnsupportedSize
from functions.contract.request import ImageInput, JobRequest
from functions.contract.settings import Settings
from functions.contract.sizes import PIXELS

SETTINGS = Settings.model_validate(
    {
        "profile": "local",
        "project": "p",
        "uploads_bucket": "u",
        "results_bucket": "r",
        "jobs_bucket": "j",
        "models": {"mock": "mock"},
        "default_model": "mock",
    }
)
PICTURE = ImageInput(data="AAAA")


def job_of(**given: Any) -> JobRequest:
    return generation_request(read_image_fields({"prompt": "x", **given}), SETTINGS)


@pytest.mark.parametrize("names", PIXELS)
def test_each_size_of_the_table_is_found_by_its_pixels(names: tuple[str, str]) -> None:
    width, height = PIXELS[names]
    job = job_of(size=f"{width}x{height}")
    assert PIXELS[str(job.size), str(job.aspect_ratio)] == (width, height)


@pytest.mark.parametrize("given", [{}, {"size": "auto"}, {"size": None}, {"size": ""}])
def test_auto_leaves_the_size_to_the_job(given: dict[str, Any]) -> None:
    assert size_fields(read_image_fields(given)) == {}


def test_sizes_may_have_our_own_names_and_a_ratio() -> None:
    assert size_fields(read_image_fields({"size": "2K", "aspect_ratio": "16:9"})) == {
        "size": "2K",
        "aspect_ratio": "16:9",
    }


@pytest.mark.parametrize("given", [{"size": "1536x1024"}, {"width": 1536, "height": 1024}])
def test_a_size_beside_the_table_is_asked_for_in_pixels(given: dict[str, Any]) -> None:
    assert size_fields(read_image_fields(given)) == {"width": 1536, "height": 1024}


@pytest.mark.parametrize("text", ["1024", "1024x", "x1024", "-1x5", "1x1x1", "9999999x1", "1e3x1e3", "wide"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedSize):
        parse_size(text)


@pytest.mark.parametrize("quality", ATTEMPTS)
def test_quality_is_how_often_a_picture_may_be_drawn(quality: str) -> None:
    assert job_of(quality=quality).correction.attempts == ATTEMPTS[quality]  # pyright: ignore[reportArgumentType]


def test_quality_auto_leaves_it_to_the_deployment() -> None:
    assert "correction" not in job_of(quality="auto").model_fields_set


@pytest.mark.parametrize("name", ["num_inference_steps", "steps"])
def test_a_field_of_ours_has_several_names(name: str) -> None:
    assert job_of(**{name: 7}).steps == 7


def test_every_extra_is_a_field() -> None:
    for name in EXTRAS:
        read_image_fields({name: None})


def test_a_form_says_everything_as_text() -> None:
    fields = read_image_fields({"prompt": "x", "n": "2", "stream": "true", "seed": "7", "guidance": "2.5"})
    assert (fields.n, fields.stream, fields.seed, fields.guidance) == (2, True, 7, 2.5)


def test_azures_path_names_the_model() -> None:
    assert read_image_fields({"model": "other"}, "mock").model == "mock"


def test_names_of_end_users_reach_no_job_and_no_text() -> None:
    fields = read_image_fields({"prompt": "x", "user": "secret-user", "safety_identifier": "secret-id"})
    assert "secret" not in repr(fields)
    assert "secret" not in generation_request(fields, SETTINGS).model_dump_json()


def test_strength_is_for_edits_alone() -> None:
    fields = read_image_fields({"prompt": "x", "strength": 0.5})
    assert edit_request(fields, SETTINGS, (PICTURE,)).strength == 0.5
    with pytest.raises(InvalidRequest, match="no picture was sent") as refused:
        generation_request(fields, SETTINGS)
    assert refused.value.field == "strength"


def test_a_permission_that_is_not_needed_has_no_effect() -> None:
    assert not job_of(allow_outside_domain=True).allow_outside_domain


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"background": "transparent"}, "background"),
        ({"output_format": "gif"}, "output_format"),
        ({"anything": None}, "anything"),
    ],
)
def test_what_cannot_be_delivered_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_image_fields({"prompt": "x", **given})
    assert caught.value.field == field


def test_a_request_without_a_prompt_names_it() -> None:
    with pytest.raises(InvalidRequest) as caught:
        generation_request(ImageFields(), SETTINGS)
    assert caught.value.field == "prompt"
