"""An image in the uploads bucket becomes a job, as its metadata or its folder's recipe says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.cloud_events import parse_finalized_object
from functions.contract import ids, paths
from functions.contract.errors import Transient
from functions.contract.job import JobRecord
from functions.intake.upload_recipes import MAX_RECIPE, instruction_in_metadata
from functions.triggers.notify import on_result
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import FINALIZED, Deployment, event, picture
from tests.integration.functions.log_lines import LogLines

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
    job_id = ids.job_id_for_upload(deployment.settings.uploads_bucket, name, generation)
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
    manifest = deployment.services.committer.read_manifest(record.id)
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

    def read(*_: object) -> None:
        pytest.fail("it was read")

    monkeypatch.setattr("functions.intake.upload_recipes.parse_json_object", read)
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
        (picture(2_000, 60), "unsupported_size"),
        (picture(8, 8), "unsupported_size"),
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
        ({**SNOW, "plantain-task": "sculpt"}, "unsupported_task"),
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


MADE = {paths.MADE_BY: "plantain"}


def test_a_copied_result_that_is_instructed_is_edited_again(deployment: Deployment) -> None:
    assert queued(uploaded(deployment, "boat.png", picture(512, 512), {**SNOW, **MADE})).request.prompt == (
        "make it snow"
    )


def test_a_copied_result_that_only_a_recipe_speaks_of_is_left_alone_and_that_is_logged(
    deployment: Deployment, log_lines: LogLines
) -> None:
    recipe(deployment, "holiday", prompt="make it night")
    assert uploaded(deployment, "holiday/boat.png", picture(512, 512), MADE) is None
    assert uploaded(deployment, "boat.jsonl", b'{"task": "generate", "prompt": "a boat"}', MADE) is None
    reasons = [line["reason"] for line in log_lines.of("uploads.ignored")]
    assert reasons == ["Plantain made it, and it has no instruction of its own"] * 2
    assert "boat" not in log_lines.text()


def test_nothing_that_plantain_writes_can_be_an_instruction_to_plantain(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    buckets = (deployment.settings.results_bucket, deployment.settings.jobs_bucket)
    for blob in (blob for bucket in buckets for blob in deployment.storage.list_blobs(bucket)):
        assert blob.metadata[paths.MADE_BY]
        assert instruction_in_metadata(blob.metadata) == {}
    with pytest.raises(ValueError, match="must not be an instruction"):
        deployment.services.results.put("a.png", b"", metadata=SNOW)


def test_another_bucket_s_objects_start_nothing(deployment: Deployment) -> None:
    deployment.services.results.put("boat.png", picture(512, 512), "image/png")
    on_upload(deployment.services, deployment.finalized(deployment.settings.results_bucket, "boat.png"))
    assert deployment.objects() == {f"{deployment.settings.results_bucket}/boat.png"}


@pytest.mark.parametrize("name", ["a/../b.png", "./b.png", "a/.", "..", "a/../b.png/recipes/../x.png"])
@pytest.mark.parametrize("metadata", [SNOW, {}], ids=["instructed", "not"])
def test_a_name_that_climbs_is_a_failed_job_that_says_why(
    deployment: Deployment, name: str, metadata: dict[str, str]
) -> None:
    bucket = deployment.settings.uploads_bucket
    body = {"bucket": bucket, "name": name, "generation": "1", "metadata": metadata}
    on_upload(deployment.services, event(FINALIZED, body))
    job_id = ids.job_id_for_upload(bucket, name, 1)
    message = failed(deployment, deployment.record(job_id), "invalid_request")
    assert '"."' in message
    assert [job["id"] for job in deployment.client.get("/v1/jobs").json["jobs"]] == [job_id]
    assert deployment.client.open(f"/v1/jobs/{job_id}", method="DELETE").status_code == 200
    on_upload(deployment.services, event(FINALIZED, body))
    assert deployment.client.get(f"/v1/jobs/{job_id}").status_code == 410


@pytest.mark.parametrize(
    "name",
    [" boat.png", "\tboat.png", " /boat.png", "\u3000.png", "\u2028x.png", "\x0b", "/boat.png", "a//b.png"],
)
def test_white_space_and_slashes_are_names_like_any_other(deployment: Deployment, name: str) -> None:
    record = queued(uploaded(deployment, name, picture(512, 512), SNOW))
    assert record.request.images[0].uri == f"gs://{deployment.settings.uploads_bucket}/{name}"
    job_id = record.id
    deployment.claim(job_id)
    deployment.succeed(job_id)
    assert deployment.client.open(f"/v1/jobs/{job_id}", method="DELETE").status_code == 200
    assert f"{deployment.settings.uploads_bucket}/{name}" not in deployment.objects()


PLACEHOLDERS = [
    ("shop/.DS_Store", b"\x00\x00\x00\x01Bud1", ""),
    ("shop/._boat.png", b"\x00\x05\x16\x07", "image/png"),
    ("shop/.keep", b"", ""),
    ("shop/.gitkeep", b"x", ""),
    ("shop/Thumbs.db", b"\xd0\xcf\x11\xe0", ""),
    ("shop/desktop.ini", b"[.ShellClassInfo]", ""),
    ("shop/boat.png", b"", "image/png"),
    ("shop/new_$folder$", b"", ""),
    ("shop/notes.txt", b"buy milk", "text/plain"),
    ("shop/data.json", b"{}", "application/json"),
    ("shop/film.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
    ("shop/README", b"read me", "application/octet-stream"),
    ("shop/boat.png.part", picture(512, 512), "application/octet-stream"),
    ("gcloud/tmp/parallel_composite_uploads/see_help/1_boat.png_component_0", picture(512, 512), "image/png"),
    ("/gsutil/tmp/parallel_composite_uploads/for_details/abc", picture(512, 512), ""),
]


@pytest.mark.parametrize(("name", "data", "content_type"), PLACEHOLDERS, ids=lambda value: str(value)[:24])
def test_what_is_no_picture_by_name_and_type_is_left_alone_in_a_folder_with_a_recipe(
    deployment: Deployment, log_lines: LogLines, name: str, data: bytes, content_type: str
) -> None:
    for folder in ("shop", "gcloud", "/gsutil"):
        recipe(deployment, folder, prompt="make it night")
    blob = deployment.storage.bucket(deployment.settings.uploads_bucket).blob(name)
    blob.upload_from_string(data, content_type=content_type)
    before = deployment.objects()
    on_upload(deployment.services, deployment.finalized(deployment.settings.uploads_bucket, name))
    assert deployment.objects() == before
    (line,) = log_lines.of("uploads.ignored")
    assert line["reason"]
    assert name not in log_lines.text()


def test_a_bad_recipe_does_not_speak_of_what_is_no_picture(deployment: Deployment) -> None:
    deployment.upload("recipes/shop.json", b"no JSON")
    assert uploaded(deployment, "shop/.DS_Store", b"Bud1") is None
    assert uploaded(deployment, "shop/notes.txt", b"buy milk") is None


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("in/IMG_1", "image/jpeg"),
        ("in/boat", "application/octet-stream"),
        ("in/BOAT.PNG", "text/plain"),
        ("in/v1.2", ""),
    ],
)
def test_a_picture_is_known_by_its_name_its_type_or_else_its_first_bytes(
    deployment: Deployment, name: str, content_type: str
) -> None:
    recipe(deployment, "in", prompt="make it night")
    blob = deployment.storage.bucket(deployment.settings.uploads_bucket).blob(name)
    blob.upload_from_string(picture(512, 512), content_type=content_type)
    on_upload(deployment.services, deployment.finalized(deployment.settings.uploads_bucket, name))
    queued(job_of(deployment, name))


def test_a_damaged_picture_in_a_folder_with_a_recipe_still_fails(deployment: Deployment) -> None:
    recipe(deployment, "in", prompt="make it night")
    failed(deployment, uploaded(deployment, "in/boat.png", b"buy milk"), "image_unreadable")


def test_a_recipe_is_looked_for_in_a_bounded_number_of_folders(deployment: Deployment) -> None:
    asked: list[str] = []
    uploads = deployment.services.uploads

    class Counted:
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            return getattr(uploads, name)

    what = deployment.upload("a/" * 500 + "boat.png", picture(512, 512))
    on_upload(deployment.replace(uploads=Counted()).services, what)
    assert len(asked) <= 20


@pytest.mark.parametrize("metadata", [SNOW, None], ids=["instructed", "recipe"])
def test_a_job_whose_upload_was_replaced_ends_as_superseded(
    deployment: Deployment, metadata: dict[str, str] | None
) -> None:
    recipe(deployment, "in", prompt="make it night")
    first = deployment.upload("in/boat.png", picture(512, 512), metadata)
    second = deployment.upload("in/boat.png", picture(512, 520), metadata)
    on_upload(deployment.services, first)
    generation = parse_finalized_object(first).generation
    job_id = ids.job_id_for_upload(deployment.settings.uploads_bucket, "in/boat.png", generation)
    message = failed(deployment, deployment.record(job_id), "superseded")
    assert "replaced" in message
    assert "upload it first" not in message
    on_upload(deployment.services, second)
    queued(job_of(deployment, "in/boat.png"))
    on_result(deployment.services, deployment.manifest_event(job_id))
    (told,) = deployment.published(deployment.settings.events_topic)
    assert (told.attributes["type"], json.loads(told.data)["data"]["error"]["code"]) == (
        "job.failed",
        "superseded",
    )


def test_a_job_whose_upload_was_removed_says_that(deployment: Deployment) -> None:
    what = deployment.upload("boat.png", picture(512, 512), SNOW)
    deployment.storage.bucket(deployment.settings.uploads_bucket).delete_blob("boat.png")
    on_upload(deployment.services, what)
    generation = parse_finalized_object(what).generation
    job_id = ids.job_id_for_upload(deployment.settings.uploads_bucket, "boat.png", generation)
    assert "removed" in failed(deployment, deployment.record(job_id), "image_unreadable")


def test_what_no_instruction_advises_starts_a_job(deployment: Deployment) -> None:
    data = picture(512, 512)
    message = failed(deployment, uploaded(deployment, "in/boat.png", data), "no_instruction")
    assert "Upload it again" in message
    queued(uploaded(deployment, "in/boat.png", data, SNOW))
    recipe(deployment, "in", prompt="make it snow")
    queued(uploaded(deployment, "in/boat.png", data))
    image = {"uri": f"gs://{deployment.settings.uploads_bucket}/in/boat.png"}
    assert "POST /v1/jobs" in message
    assert deployment.post({"task": "edit", "prompt": "snow", "images": [image]}).status_code == 202
    assert "starts nothing" in message


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
