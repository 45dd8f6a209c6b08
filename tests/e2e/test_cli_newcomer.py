"""What a newcomer types: every task dry, keys, downloads, uploads, suggestions sent back, and mistakes."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from local.stack.stack_process import StackProcess
from tests.command import Command
from tests.eventually import eventually

OK, FAILED, INVALID, UNREACHABLE = 0, 1, 2, 3


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (512, 512), "teal").save(path)
    return path


def generated(plantain: Command, *options: str) -> str:
    return plantain("generate", "a boat", "--size", "512", *options, "--json").json["id"]


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_a_picture_is_downloaded_later(plantain: Command, tmp_path: Path) -> None:
    job = generated(plantain)
    done = plantain("download", job, "-o", tmp_path / "boat.png", "--json")
    assert (done.status, done.json["files"]) == (OK, [str(tmp_path / "boat.png")])
    assert size_of(tmp_path / "boat.png") == (512, 512)
    assert plantain("download", job, "-o", tmp_path / "boat.jpg").status == FAILED


def test_a_job_without_pictures_has_none_to_download(plantain: Command, tmp_path: Path) -> None:
    done = plantain("download", generated(plantain, "--label", "mock.fail=permanent"), "-o", tmp_path)
    assert (done.status, list(tmp_path.iterdir())) == (FAILED, [])
    assert "no pictures" in done.err


def test_deleting_goes_on_past_what_cannot_be_deleted(plantain: Command) -> None:
    first, last = generated(plantain), generated(plantain)
    done = plantain("delete", first, "bad", "../jobs", "", last)
    assert done.status == INVALID
    assert done.out.splitlines() == [f"{first} deleted", f"{last} deleted"]
    assert done.err.count("error: ") == 3
    assert plantain("status", last).status == INVALID


def test_the_same_key_is_the_same_job(plantain: Command) -> None:
    assert generated(plantain, "--key", "holiday 1") == generated(plantain, "--key", "holiday 1")
    other = plantain("generate", "a house", "--size", "512", "--key", "holiday 1", "--json")
    assert (other.status, other.json["error"]["code"]) == (INVALID, "idempotency_conflict")


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate", "a boat"),
        ("edit", "PICTURE", "make it blue", "--attempts", "3"),
        ("outpaint", "PICTURE", "--aspect-ratio", "16:9"),
        ("sequence", "one", "two", "--attempts", "1"),
        ("upscale", "PICTURE", "--size", "1K"),
        ("suggest", "PICTURE"),
    ],
)
def test_a_dry_run_of_every_task_estimates_and_makes_no_job(
    plantain: Command, picture: Path, arguments: tuple[str, ...]
) -> None:
    before = plantain("jobs", "--json").json
    given = [str(picture) if each == "PICTURE" else each for each in arguments]
    done = plantain(*given, "--dry-run", "--json")
    assert done.status == OK, done.err
    assert done.json["estimate"]["paid_calls"] == 0
    assert "paid calls" in plantain(*given, "--dry-run").out
    assert plantain("jobs", "--json").json == before


def test_attempts_reach_the_job(plantain: Command) -> None:
    job = plantain("generate", "a", "--size", "512", "--attempts", "1", "--json").json
    assert job["request"]["correction"]["attempts"] == 1


def test_the_version_is_told(plantain: Command) -> None:
    done = plantain("--version")
    assert (done.status, done.out.split()[0]) == (OK, "plantain")


@pytest.mark.parametrize("name", ["a.gif", "missing/a.png", "folder"])
def test_what_could_not_be_saved_makes_no_job_and_no_folder(
    plantain: Command, tmp_path: Path, name: str
) -> None:
    before = plantain("jobs", "--json").json
    done = plantain("generate", "a boat", "--size", "512", "-o", tmp_path / name)
    assert (done.status, list(tmp_path.iterdir())) == (INVALID, [])
    assert done.err.startswith("error: ")
    assert plantain("jobs", "--json").json == before


def test_a_suggestion_is_sent_as_it_is(plantain: Command, picture: Path, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    for idea in plantain("suggest", picture, "--json").json["suggestions"]:
        file.write_text(json.dumps(idea["request"]))
        done = plantain("send", file, "--dry-run")
        assert done.status == OK, done.err
    done = plantain("send", file, "-o", tmp_path / "done.png")
    assert done.status == OK, done.err
    assert (tmp_path / "done.png").exists()


def test_what_is_no_request_is_not_sent(plantain: Command, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text("[")
    done = plantain("send", tmp_path / "request.json")
    assert done.status == INVALID
    assert "is no request" in done.err


def test_an_upload_is_an_edit_and_its_result_is_told(
    plantain: Command, picture: Path, tmp_path: Path
) -> None:
    blue = tmp_path / "blue.png"
    done = plantain("upload", picture, "--prompt", "make it blue", "--folder", "in", "-o", blue)
    assert done.status == OK, done.err
    assert "gs://plantain-results/" in done.out
    assert size_of(blue) == (512, 512)
    later = plantain("upload", picture, "--prompt", "make it red", "--no-wait", "--json").json
    assert later["uri"] == "gs://plantain-uploads/picture.png"


def test_the_readme_s_upload_works_as_it_stands(
    plantain: Command, stack: StackProcess, picture: Path
) -> None:
    (line,) = re.findall(r"^curl -T .*$", Path("README.md").read_text("utf-8"), re.MULTILINE)
    address = stack.environment["STORAGE_EMULATOR_HOST"]
    here = line.replace("http://127.0.0.1:9023", address).replace("boat.png -H", f"{picture} -H")
    before = {job["id"] for job in plantain("jobs", "--limit", "1000", "--json").json}
    subprocess.run(["bash", "-c", f"{here} --fail --silent --show-error"], check=True)

    def prompts() -> set[str]:
        """Those of the new jobs: the upload of the test before may have become one meanwhile, too."""
        new = {job["id"] for job in plantain("jobs", "--json").json} - before
        return {plantain("watch", job, "--json").json["request"]["prompt"] for job in new}

    eventually(lambda: "make the boat blue" in prompts())


def test_an_upload_that_cannot_be_done_says_why_and_has_no_size(plantain: Command, picture: Path) -> None:
    done = plantain("upload", picture, "--prompt", "make it blue", "--size", "9K")
    assert done.status == FAILED
    assert "unsupported_size" in done.out
    assert "0×0" not in done.out and "seed 0" not in done.out


@pytest.mark.parametrize("url", ["localhost:8080", "nonsense", "http://", "ftp://a.example"])
def test_an_address_that_is_none_is_said_to_be_none(
    plantain: Command, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("PLANTAIN_URL", url)
    result = plantain("jobs")
    assert (result.status, result.err.count("\n")) == (UNREACHABLE, 1)
    assert "PLANTAIN_URL" in result.err


@contextmanager
def web_page() -> Generator[str]:
    """The address of a web server that answers everything with a page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"<p>!")

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_another_service_at_the_address_is_not_taken_for_plantain(
    plantain: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_page() as url:
        monkeypatch.setenv("PLANTAIN_URL", url)
        result = plantain("jobs")
    assert result.status == UNREACHABLE
    assert "is not Plantain" in result.err
