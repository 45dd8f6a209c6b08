"""The commands, each through the entry point that the shell calls, against a stack with the mock engine."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from local.client.api_client import PlantainClient
from local.client.pictures import INLINE_BYTES
from local.stack.stack_process import StackProcess
from tests.command import Command

ROOT = Path(__file__).parents[2]
OK, FAILED, INVALID, UNREACHABLE = 0, 1, 2, 3


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (512, 512), "teal").save(path)
    return path


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        return image.size


def test_generate_saves_the_picture_where_it_is_told_to(plantain: Command, tmp_path: Path) -> None:
    done = plantain(
        "generate", "a red boat", "--size", "512", "--aspect-ratio", "16:9", "-o", tmp_path / "a.png"
    )
    assert done.status == OK, done.err
    assert "succeeded" in done.out
    assert size_of(tmp_path / "a.png") == (688, 384)


def test_several_pictures_are_saved_beside_each_other(plantain: Command, tmp_path: Path) -> None:
    done = plantain("generate", "boats", "--size", "512", "--count", "2", "-o", tmp_path / "a.webp", "--json")
    assert done.json["files"] == [str(tmp_path / "a-0.webp"), str(tmp_path / "a-1.webp")]
    assert [image["content_type"] for image in done.json["images"]] == ["image/webp"] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-0.webp", "a-1.webp"]


def test_a_directory_gets_pictures_that_are_named_by_their_job(plantain: Command, tmp_path: Path) -> None:
    done = plantain("generate", "a boat", "--size", "512", "-o", tmp_path, "--json")
    assert done.json["files"] == [str(tmp_path / f"{done.json['id']}-0.png")]


def test_json_is_one_line_that_holds_the_job(plantain: Command) -> None:
    done = plantain(
        *("generate", "a boat", "--size", "512", "--seed", "7", "--label", "album=holiday", "--json"),
        *("--negative-prompt", "people", "--steps", "3", "--guidance", "2.5", "--deadline", "600"),
    )
    assert done.out.count("\n") == 1
    job = done.json
    assert (job["state"], job["seed"], job["labels"]) == ("succeeded", 7, {"album": "holiday"})
    assert (job["request"]["steps"], job["request"]["guidance"]) == (3, 2.5)
    assert job["request"]["negative_prompt"] == "people"


def test_a_local_file_is_edited(plantain: Command, picture: Path, tmp_path: Path) -> None:
    done = plantain("edit", picture, "make it blue", "--region", "0,0,0.5,1", "-o", tmp_path / "edited.png")
    assert done.status == OK, done.err
    assert size_of(tmp_path / "edited.png") == (512, 512)


def test_an_edit_takes_a_mask_and_references(plantain: Command, picture: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    Image.new("L", (512, 512), 255).save(mask)
    done = plantain("edit", picture, "like that one", "--mask", mask, "--image", picture, "--json")
    assert done.status == OK, done.err
    assert len(done.json["request"]["images"]) == 2
    assert "mask" in done.json["request"]


def test_a_picture_in_a_bucket_passes_by_its_name(plantain: Command, picture: Path) -> None:
    first = plantain("generate", "a boat", "--size", "512", "--json").json
    done = plantain("edit", first["images"][0]["uri"], "make it blue", "--json")
    assert done.status == OK, done.err
    assert done.json["request"]["images"][0]["uri"] == first["images"][0]["uri"]


def test_a_large_file_goes_through_an_upload(plantain: Command, tmp_path: Path) -> None:
    path = tmp_path / "large.bmp"
    Image.new("RGB", (2624, 2624), "teal").save(path)
    assert path.stat().st_size > INLINE_BYTES
    done = plantain("edit", path, "make it blue", "--size", "512", "--json")
    assert done.status == OK, done.err


def test_a_picture_is_upscaled(plantain: Command, picture: Path, tmp_path: Path) -> None:
    done = plantain("upscale", picture, "--size", "1K", "-o", tmp_path / "large.png")
    assert done.status == OK, done.err
    assert size_of(tmp_path / "large.png") == (1024, 1024)


@pytest.fixture
def boat(tmp_path: Path) -> Path:
    """A red disc on a teal sea."""
    path = tmp_path / "boat.png"
    image = Image.new("RGB", (512, 512), "teal")
    ImageDraw.Draw(image).ellipse((150, 200, 330, 380), "red")
    image.save(path)
    return path


def manifest_of(stack: StackProcess, job: str) -> Any:
    with PlantainClient(stack.state["api"]) as client:
        return client.manifest(job)


def test_quoted_words_are_typeset_and_read_back(plantain: Command, stack: StackProcess) -> None:
    done = plantain("generate", 'a boat with a sign that says "OPEN"', "--size", "512", "--json")
    manifest = manifest_of(stack, done.json["id"])
    [words] = manifest["images"][0]["lettering"]
    assert (words["method"], words["read"], words["matches"]) == ("typeset", "OPEN", True)
    assert manifest["intent"]["prompt"] == "a boat with a sign"
    assert "lettering" in [stage["name"] for stage in manifest["stages"]]


def test_a_region_is_edited_by_its_name(plantain: Command, stack: StackProcess, boat: Path) -> None:
    done = plantain("edit", boat, "make it blue", "--region-prompt", "the red boat", "--json")
    assert done.status == OK, done.err
    manifest = manifest_of(stack, done.json["id"])
    assert manifest["region"]["by"] == "contrast"
    assert manifest["images"][0]["outside_mask_difference"] == 0


def test_a_name_that_means_nothing_fails_the_job_and_says_so(plantain: Command, boat: Path) -> None:
    done = plantain("edit", boat, "make it blue", "--region-prompt", "the yellow one", "--json")
    assert done.status == FAILED
    assert (done.json["error"]["code"], done.json["error"]["stage"]) == ("region_not_found", "locate")


def test_a_picture_is_continued_beyond_its_frame(
    plantain: Command, stack: StackProcess, boat: Path, tmp_path: Path
) -> None:
    done = plantain("outpaint", boat, "--aspect-ratio", "16:9", "-o", tmp_path / "wide.png", "--json")
    assert done.status == OK, done.err
    assert size_of(tmp_path / "wide.png") == (910, 512)
    assert manifest_of(stack, done.json["id"])["images"][0]["outside_mask_difference"] == 0


def test_a_sequence_is_a_picture_for_each_prompt(
    plantain: Command, stack: StackProcess, tmp_path: Path
) -> None:
    done = plantain(
        *("sequence", "at home", "in the snow", "at night", "--subject", "a red cat", "--size", "512"),
        *("-o", tmp_path / "cat.png", "--json"),
    )
    assert done.status == OK, done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat-0.png", "cat-1.png", "cat-2.png"]
    images = manifest_of(stack, done.json["id"])["images"]
    assert [image["intent"]["prompt"] for image in images] == [
        "a red cat, at home",
        "a red cat, in the snow",
        "a red cat, at night",
    ]
    assert len({image["seed"] for image in images}) == 3


@pytest.mark.parametrize("where", [(), ("--region-prompt", "the red boat"), ("--region", "0.2,0.2,0.8,0.8")])
def test_edits_are_suggested_and_none_is_made(plantain: Command, boat: Path, where: tuple[str, ...]) -> None:
    done = plantain("suggest", boat, *where, "--json")
    assert done.status == OK, done.err
    assert 3 <= len(done.json["suggestions"]) <= 6
    assert (done.json["state"], done.json["images"]) == ("succeeded", [])


def test_suggestions_are_a_table_for_people(plantain: Command, boat: Path) -> None:
    done = plantain("suggest", boat)
    assert done.status == OK, done.err
    assert "make it" in done.out and "instruction" in done.out


def test_without_waiting_the_job_is_there_and_can_be_watched(plantain: Command) -> None:
    job = plantain("generate", "a boat", "--size", "512", "--no-wait", "--json").json["id"]
    watched = plantain("watch", job, "--json")
    assert (watched.status, watched.json["state"]) == (OK, "succeeded")
    assert plantain("status", job).status == OK
    assert plantain("status", job, "--json").json["images"]


def test_a_job_that_runs_is_canceled(plantain: Command) -> None:
    job = plantain(
        *("generate", "a boat", "--size", "512", "--label", "mock.seconds=600", "--no-wait", "--json")
    ).json["id"]
    assert plantain("cancel", job, "--json").json["state"] in ("canceling", "canceled")
    watched = plantain("watch", job, "--json")
    assert (watched.status, watched.json["state"]) == (FAILED, "canceled")


def test_a_job_that_fails_says_why(plantain: Command, tmp_path: Path) -> None:
    done = plantain(
        *("generate", "a boat", "--size", "512", "--label", "mock.fail=blocked", "-o", tmp_path / "a.png")
    )
    assert done.status == FAILED
    assert "image_blocked" in done.out
    assert not (tmp_path / "a.png").exists()


def test_jobs_are_listed_newest_first_and_by_label(plantain: Command) -> None:
    jobs = [
        plantain("generate", "a boat", "--size", "512", "--label", "list=me", "--json").json["id"]
        for _ in range(3)
    ]
    found = plantain("jobs", "--label", "list=me", "--json").json
    assert [job["id"] for job in found] == jobs[::-1]
    assert [job["id"] for job in plantain("jobs", "--limit", "1", "--json").json] == jobs[-1:]
    table = plantain("jobs", "--label", "list=me", "--state", "succeeded")
    assert all(job in table.out for job in jobs)
    assert plantain("jobs", "--label", "list=me", "--state", "failed", "--json").json == []


def test_a_listing_says_what_a_running_job_is_at(plantain: Command, stack: StackProcess) -> None:
    labels = ("--label", "list=running", "--label", "mock.seconds=600")
    job = plantain("generate", "a boat", "--size", "512", *labels, "--no-wait", "--json").json["id"]
    with stack.client() as client:
        next(now for now in client.follow(job) if now["stage"] == "diffuse")
    assert "diffuse" in plantain("jobs", "--label", "list=running").out
    plantain("cancel", job)


@contextmanager
def started(stack: StackProcess, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """A command in a process of its own, so that it can be interrupted."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local.cli", *arguments],
        env={**os.environ, "PLANTAIN_URL": stack.state["api"]},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_watching_without_a_job_follows_the_newest_until_it_is_interrupted(
    plantain: Command, stack: StackProcess
) -> None:
    job = plantain("generate", "a boat", "--size", "512", "--json").json["id"]
    with started(stack, "watch", "--json") as watching:
        assert watching.stdout
        assert any(json.loads(line)["id"] == job for line in watching.stdout)
        watching.send_signal(signal.SIGINT)
        assert watching.wait() == OK


def test_interrupting_leaves_the_job_and_says_how_to_go_on(plantain: Command, stack: StackProcess) -> None:
    labels = ("--label", "list=interrupted", "--label", "mock.seconds=600")
    with started(stack, "generate", "a boat", "--size", "512", *labels) as waiting, stack.client() as client:
        while not (jobs := client.jobs(labels=("list:interrupted",))["jobs"]):
            assert waiting.poll() is None
        job = jobs[0]["id"]
        next(now for now in client.follow(job) if now["stage"] == "diffuse")
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate()
        assert waiting.returncode == 130
        assert f"plantain cancel {job}" in said
        assert client.job(job)["state"] == "running"
    plantain("cancel", job)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("generate", "a boat", "--size", "513"), "size"),
        (("generate", "   "), "prompt"),
        (("generate", "a boat", "--model", "none"), "model"),
        (("edit", "gs://someone-elses-bucket/a.png", "blue"), "bucket"),
        (("edit", "no-such-file.png", "blue"), "no-such-file.png"),
        (("status", "job_aaaaaaaaaaaaaaaaaaaaaaaaaa"), "no such job"),
        (("status", "../../etc/passwd"), "no job's id"),
        (("status", ""), "no job's id"),
        (("trace", "nonsense"), "job id"),
        (("batch", "batch_nonsense"), "neither a file"),
        (("upload", "no-such-file.png", "--prompt", "a"), "no-such-file.png"),
        (("send", "no-such-file.json"), "no-such-file.json"),
        (("download", "job_aaaaaaaaaaaaaaaaaaaaaaaaaa"), "no such job"),
        (("cancel", "job_aaaaaaaaaaaaaaaaaaaaaaaaaa"), "no such job"),
    ],
)
def test_what_the_service_refuses_is_one_clear_line(
    plantain: Command, arguments: tuple[str, ...], says: str
) -> None:
    refused = plantain(*arguments)
    assert refused.status == INVALID
    assert refused.err.startswith("error: ")
    assert refused.err.count("\n") == 1
    assert says.lower() in refused.err.lower()


def test_a_refusal_is_json_for_machines(plantain: Command) -> None:
    refused = plantain("generate", "a boat", "--size", "513", "--json")
    assert refused.status == INVALID
    assert refused.json["error"]["code"] == "unsupported_size"


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate",),
        ("generate", "a", "--no-such-option"),
        ("edit", "a.png"),
        ("generate", "a", "--label", "none"),
        ("edit", "gs://b/a.png", "blue", "--region", "1,2"),
        ("nonsense",),
        ("up", "--port", "70000"),
        ("up", "--storage-port", "-1"),
        ("generate", "a", "--key", "ö"),
    ],
)
def test_a_command_that_is_not_one_is_a_usage_error(plantain: Command, arguments: tuple[str, ...]) -> None:
    assert plantain(*arguments).status == INVALID


def test_where_nothing_answers_it_says_so(plantain: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTAIN_URL", "http://127.0.0.1:1")
    result = plantain("status", "job_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert result.status == UNREACHABLE
    assert "http://127.0.0.1:1 cannot be reached" in result.err


def test_where_no_stack_runs_it_says_how_to_start_one(
    plantain: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLANTAIN_DATA", str(tmp_path))
    result = plantain("jobs", "--json")
    assert result.status == UNREACHABLE
    assert "plantain up" in result.json["error"]["detail"]


def test_a_deployment_is_named_by_its_url(
    plantain: Command, stack: StackProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLANTAIN_DATA", str(tmp_path))
    monkeypatch.setenv("PLANTAIN_URL", stack.state["api"] + "/")
    assert plantain("jobs", "--json").status == OK


def test_the_doctor_finds_the_stack_well(plantain: Command) -> None:
    found = {check["name"]: check for check in plantain("doctor", "--json").json}
    for name in (
        "python",
        "packages: core",
        "packages: local",
        "stack",
        "functions-api",
        "functions-events",
        "bridge",
        "worker-1",
        "api",
    ):
        assert found[name]["outcome"] == "ok", found[name]


def test_the_doctor_says_what_to_do(
    plantain: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLANTAIN_DATA", str(tmp_path))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
    sick = plantain("doctor")
    assert sick.status == FAILED
    assert "unset STORAGE_EMULATOR_HOST" in sick.out
    assert "plantain up" in sick.out


def test_a_job_of_many_at_once_is_made_once_for_its_key(stack: StackProcess) -> None:
    request = {"task": "generate", "prompt": "a boat", "size": "512"}
    made: list[str] = []
    with stack.client() as client:

        def create() -> None:
            made.append(client.create(request, idempotency_key="the-same")["id"])

        threads = [threading.Thread(target=create) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_faults_are_switched_while_it_runs(stack: StackProcess, plantain: Command) -> None:
    faults = f"{stack.state['control']}/faults"
    before = httpx.get(faults).json()
    try:
        answer = httpx.put(faults, json={"storage": {"unavailable": 0.2}, "pubsub": {"duplicate": 1}})
        assert answer.json()["storage"]["unavailable"] == 0.2
        assert plantain("generate", "a boat", "--size", "512", "--json").json["state"] == "succeeded"
        assert httpx.put(faults, json={"storage": {"none": 1}}).status_code == 400
        assert httpx.put(faults, content=b"[").status_code == 400
    finally:
        assert httpx.put(faults, json=before).json() == before


def test_the_client_reads_what_it_wrote(stack: StackProcess, picture: Path) -> None:
    with PlantainClient(stack.state["api"]) as client:
        upload = client.upload(picture.read_bytes(), "image/png")
        request = {"task": "edit", "prompt": "blue", "images": [{"upload": upload}]}
        job = client.wait(client.create(request)["id"])
        assert client.manifest(job["id"])["state"] == "succeeded"
        assert client.image(job["id"], 0).startswith(b"\x89PNG")
        inline = [{"data": base64.b64encode(picture.read_bytes()).decode()}]
        assert client.create({**request, "images": inline, "dry_run": True})["estimate"]["width"] == 512
