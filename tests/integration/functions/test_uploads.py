"""An image in the uploads bucket becomes a job, as its metadata or its folder's recipe says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.contract import paths
from functions.contract.errors import Transient
from functions.contract.job import JobRecord
from functions.instructions import MAX_RECIPE
from functions.uploads import on_upload

from .deployment import Deployment, event, picture

SNOW = {"plantain-prompt": "make it snow"}


def uploaded(
    deployment: Deployment, name: str, data: bytes, metadata: dict[str, str] | None = None
) -> JobRecord | None:
    """The job that the upload became, if it became one."""
    what = deployment.upload(name, data, metadata)
    on_upload(deployment.services, what)
    return job_of(deployment, name)


def job_of(deployment: Deployment, name: str) -> JobRecord | None:
    generation = deployment.services.uploads.stat(name).generation
    job_id = paths.job_id_for_upload(deployment.settings.uploads_bucket, name, generation)
    jobs = {name for name in deployment.objects() if f"/jobs/{job_id}" in name}
    return deployment.record(job_id) if jobs else None


def recipe(deployment: Deployment, folder: str, **fields: Any) -> None:
    deployment.upload(f"recipes/{folder}.json", json.dumps(fields).encode())


def queued(record: JobRecord | None) -> JobRecord:
    assert record is not None
    assert record.state == "queued"
    return record


def failed(deployment: Deployment, record: JobRecord | None, code: str, state: str = "failed") -> str:
    """The message that the job ended with; the record and the manifest agree on it."""
    assert record is not None
    assert (record.state, record.error and record.error.code) == (state, code)
    manifest = deployment.services.endings.manifest(record.id)
    assert manifest is not None
    assert manifest.error == record.error
    assert deployment.published(deployment.settings.jobs_topic) == []
    return record.error.message if record.error else ""


def test_the_metadata_says_what_to_do(deployment: Deployment) -> None:
    fields = {**SNOW, "plantain-size": "1K", "plantain-seed": "7", "plantain-labels": '{"team": "sea"}'}
    record = queued(uploaded(deployment, "boat.png", picture(640, 480), fields))
    assert (record.request.task, record.request.prompt) == ("edit", "make it snow")
    assert (record.width, record.height, record.seed) == (1184, 880, 7)
    assert record.request.labels == {"team": "sea"}
    generation = deployment.services.uploads.stat("boat.png").generation
    uri = f"gs://{deployment.settings.uploads_bucket}/boat.png"
    assert (record.request.images[0].uri, record.request.images[0].generation) == (uri, generation)
    assert record.source == f"{uri}#{generation}"
    (message,) = deployment.published(deployment.settings.jobs_topic)
    assert message.attributes["job_id"] == record.id


def test_or_else_the_recipe_of_the_folder(deployment: Deployment) -> None:
    recipe(deployment, "holiday/sea", prompt="make it night", format="webp")
    record = queued(uploaded(deployment, "holiday/sea/boat.png", picture(512, 512)))
    assert (record.request.prompt, record.request.format) == ("make it night", "webp")


def test_or_else_the_recipe_of_a_folder_above(deployment: Deployment) -> None:
    recipe(deployment, "holiday", prompt="make it night")
    record = queued(uploaded(deployment, "holiday/sea/far/boat.png", picture(512, 512)))
    assert record.request.prompt == "make it night"


def test_the_metadata_is_stronger_than_the_recipe(deployment: Deployment) -> None:
    recipe(deployment, "holiday", prompt="make it night", size="1K")
    record = queued(uploaded(deployment, "holiday/boat.png", picture(512, 512), SNOW))
    assert (record.request.prompt, record.request.size) == ("make it snow", None)


def test_a_recipe_that_is_too_large_is_not_fetched(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.upload("recipes/holiday.json", b'{"prompt": "x"}' + b" " * MAX_RECIPE)
    monkeypatch.setattr("functions.instructions.json_object", lambda *_: pytest.fail("it was read"))
    message = failed(deployment, uploaded(deployment, "holiday/b.png", picture(512, 512)), "invalid_request")
    assert "recipes/holiday.json" in message


def test_a_recipe_of_many_values_is_refused(deployment: Deployment) -> None:
    deployment.upload("recipes/holiday.json", b'{"images": [' + b"{}," * 50_000 + b"{}]}")
    message = failed(deployment, uploaded(deployment, "holiday/b.png", picture(512, 512)), "invalid_request")
    assert "5,000 values" in message


def test_an_upload_can_be_enlarged(deployment: Deployment) -> None:
    recipe(deployment, "large", task="upscale", size="2K")
    record = queued(uploaded(deployment, "large/boat.png", picture(640, 480)))
    assert (record.request.task, record.width, record.height) == ("upscale", 2365, 1774)


def test_a_recipe_s_pictures_are_references(deployment: Deployment) -> None:
    deployment.upload("style.png", picture(512, 512))
    style = f"gs://{deployment.settings.uploads_bucket}/style.png"
    recipe(deployment, "in", prompt="as in the other picture", images=[{"uri": style}])
    record = queued(uploaded(deployment, "in/boat.png", picture(640, 480)))
    assert [str(image.uri).rpartition("/")[2] for image in record.request.images] == ["boat.png", "style.png"]
    assert (record.width, record.height) == (640, 480)


def test_a_picture_without_an_instruction_fails_and_says_how_to_give_one(deployment: Deployment) -> None:
    message = failed(deployment, uploaded(deployment, "boat.png", picture(512, 512)), "no_instruction")
    assert "plantain-prompt" in message
    assert "recipes/" in message


def test_what_is_neither_picture_nor_instructed_is_ignored(deployment: Deployment) -> None:
    assert uploaded(deployment, "notes.txt", b"buy milk") is None
    assert uploaded(deployment, "empty", b"") is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"buy milk", "image_unreadable"),
        (b"", "image_unreadable"),
        (picture(512, 512)[:-20], "image_unreadable"),
        (picture(2_000, 200), "unsupported_size"),
        (picture(64, 64), "unsupported_size"),
    ],
    ids=["text", "empty", "torn", "long", "small"],
)
def test_an_instructed_upload_that_cannot_be_done_fails(
    deployment: Deployment, data: bytes, code: str
) -> None:
    failed(deployment, uploaded(deployment, "boat.png", data, SNOW), code)


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"plantain-colour": '"red"'}, "invalid_request"),
        ({"plantain-prompt": ""}, "invalid_request"),
        ({**SNOW, "plantain-seed": "seven"}, "invalid_request"),
        ({**SNOW, "plantain-seed": "[" * 5_000}, "invalid_request"),
        ({**SNOW, "plantain-size": "9K"}, "unsupported_size"),
        ({**SNOW, "plantain-task": "animate"}, "unsupported_task"),
        ({**SNOW, "plantain-model": "nobody"}, "unknown_model"),
        ({**SNOW, "plantain-images": "7"}, "invalid_request"),
        ({**SNOW, "plantain-dry-run": "true"}, "invalid_request"),
        ({**SNOW, "plantain-webhook": '{"url": "http://10.0.0.1/"}'}, "invalid_webhook"),
        ({**SNOW, "plantain-mask": '{"uri": "gs://elsewhere/mask.png"}'}, "foreign_bucket"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_metadata_that_cannot_be_meant_fails(
    deployment: Deployment, metadata: dict[str, str], code: str
) -> None:
    failed(deployment, uploaded(deployment, "boat.png", picture(512, 512), metadata), code)


@pytest.mark.parametrize("text", ["red", '"red"', "7", "{"])
def test_a_field_that_is_not_there_is_named_whatever_it_holds(deployment: Deployment, text: str) -> None:
    metadata = {**SNOW, "plantain-colour": text}
    message = failed(
        deployment, uploaded(deployment, "boat.png", picture(512, 512), metadata), "invalid_request"
    )
    assert "no field colour" in message
    assert "JSON" not in message


def test_a_refused_upload_has_no_size_and_no_seed_to_show(deployment: Deployment) -> None:
    record = uploaded(deployment, "boat.png", picture(512, 512), {"plantain-size": "9K"})
    assert record is not None
    shown = deployment.job(record.id)
    assert (shown["width"], shown["height"], shown["seed"]) == (None, None, None)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"prompt": "a", "prompt": "b"}', '{"size": "1K"}'])
def test_a_bad_recipe_fails(deployment: Deployment, text: str) -> None:
    deployment.upload("recipes/in.json", text.encode())
    failed(deployment, uploaded(deployment, "in/boat.png", picture(512, 512)), "invalid_request")


def test_a_blocked_prompt_blocks(deployment: Deployment) -> None:
    record = uploaded(deployment, "boat.png", picture(512, 512), {"plantain-prompt": "a beheading"})
    failed(deployment, record, "prompt_blocked", "blocked")


@pytest.mark.parametrize("name", ["api/someone/up_x", "recipes/in.json", "folder/"])
def test_what_is_kept_apart_starts_nothing(deployment: Deployment, name: str) -> None:
    assert uploaded(deployment, name, picture(512, 512), SNOW) is None


def test_what_plantain_made_starts_nothing(deployment: Deployment) -> None:
    assert uploaded(deployment, "boat.png", picture(512, 512), {**SNOW, paths.MADE_BY: "plantain"}) is None


def test_another_bucket_s_objects_start_nothing(deployment: Deployment) -> None:
    deployment.services.results.put("boat.png", picture(512, 512), "image/png")
    on_upload(deployment.services, deployment.finalized(deployment.settings.results_bucket, "boat.png"))
    assert deployment.objects() == {f"{deployment.settings.results_bucket}/boat.png"}


@pytest.mark.parametrize("name", ["a/../b.png", "a\nb.png"])
def test_a_name_that_climbs_starts_nothing(deployment: Deployment, name: str) -> None:
    bucket = deployment.settings.uploads_bucket
    on_upload(deployment.services, event("finalized", {"bucket": bucket, "name": name, "generation": "1"}))
    assert deployment.objects() == set()


@pytest.mark.parametrize(
    "data", [None, "text", {}, {"bucket": "b"}, {"bucket": "b", "name": "n", "generation": "x"}]
)
def test_an_event_about_nothing_starts_nothing(deployment: Deployment, data: Any) -> None:
    on_upload(deployment.services, event("finalized", data))
    assert deployment.objects() == set()


@pytest.mark.parametrize("metadata", [SNOW, None], ids=["queued", "failed"])
def test_an_event_that_comes_twice_is_one_job(
    deployment: Deployment, metadata: dict[str, str] | None
) -> None:
    what = deployment.upload("boat.png", picture(512, 512), metadata)
    on_upload(deployment.services, what)
    before = deployment.objects()
    published = len(deployment.published(deployment.settings.jobs_topic))
    record = job_of(deployment, "boat.png")
    on_upload(deployment.services, what)
    assert deployment.objects() == before
    assert job_of(deployment, "boat.png") == record
    assert (published, deployment.published(deployment.settings.jobs_topic)) == (int(bool(metadata)), [])


def test_the_same_name_again_is_another_job(deployment: Deployment) -> None:
    first = queued(uploaded(deployment, "boat.png", picture(512, 512), SNOW))
    second = queued(uploaded(deployment, "boat.png", picture(512, 520), SNOW))
    assert first.id != second.id


def test_the_uploads_owner_sees_the_job(deployment: Deployment) -> None:
    record = queued(uploaded(deployment, "boat.png", picture(512, 512), SNOW))
    assert deployment.job(record.id)["source"] == record.source
    changed = deployment.replace(uploads_owner="studio@example.com")
    assert queued(uploaded(changed, "other.png", picture(512, 512), SNOW)).owner == "studio@example.com"
    cloud = deployment.replace(profile="production")
    assert queued(uploaded(cloud, "third.png", picture(512, 512), SNOW)).owner == "uploads"


def test_metadata_cannot_choose_the_owner(deployment: Deployment) -> None:
    metadata = {**SNOW, "plantain-owner": '"ada"'}
    failed(deployment, uploaded(deployment, "boat.png", picture(512, 512), metadata), "invalid_request")


def test_storage_that_is_away_brings_the_event_again(deployment: Deployment) -> None:
    what = deployment.upload("boat.png", picture(512, 512), SNOW)

    class Away:
        def __getattr__(self, name: str) -> None:
            raise Transient("Cloud Storage cannot be reached.")

    with pytest.raises(Transient):
        on_upload(deployment.replace(jobs=Away()).services, what)
    on_upload(deployment.services, what)
    queued(job_of(deployment, "boat.png"))
