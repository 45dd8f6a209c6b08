"""Pictures that were made here are known again, and what is private stays so: on the real stack."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local.cli import main
from tests.e2e.event_path.laptop import Laptop
from tests.eventually import eventually

# Where it is not written by chance: in a prompt, a label, an address, and a picture's name.
MARKER = "zanzibarquokka"
OWN_WEBHOOK = f"https://{MARKER}.invalid/hook/{MARKER}"


def made(laptop: Laptop, **request: Any) -> tuple[str, bytes]:
    """The id of a job that has made a picture, and the picture."""
    job = laptop.ended(laptop.post(**request)["id"])
    assert job["state"] == "succeeded", job["error"]
    return job["id"], laptop.ask("GET", f"/v1/jobs/{job['id']}/images/0").content


def verified(laptop: Laptop, data: bytes) -> dict[str, Any]:
    body = {"task": "verify", "images": [{"data": base64.b64encode(data).decode()}]}
    answer = laptop.ask("POST", "/v1/jobs", json=body)
    assert answer.status_code == 202, answer.text
    job = laptop.ended(answer.json()["id"])
    assert job["state"] == "succeeded", job["error"]
    assert job["images"] == []
    return laptop.ask("GET", f"/v1/jobs/{job['id']}/verification").json()


def screenshot(data: bytes) -> bytes:
    file = BytesIO()
    Image.open(BytesIO(data)).convert("RGB").resize((470, 470)).save(file, "JPEG", quality=85)
    return file.getvalue()


def test_a_picture_that_was_made_here_leads_back_to_its_job(laptop: Laptop) -> None:
    job_id, data = made(laptop)
    found = verified(laptop, data)
    assert (found["verdict"], found["altered"], found["job_id"]) == ("untouched", "no", job_id)
    assert found["credentials"]["trusted"] is True
    copy = verified(laptop, screenshot(data))
    assert (copy["verdict"], copy["altered"], copy["job_id"]) == ("copy", "yes", job_id)


def test_a_deleted_picture_is_still_ours_and_nothing_else_is_left(laptop: Laptop) -> None:
    job_id, data = made(laptop, prompt=f"a red boat for {MARKER}", labels={"who": MARKER})
    eventually(lambda: f"open/{job_id}" not in laptop.names(laptop.settings.jobs_bucket, "open/"), "its end")
    assert laptop.ask("DELETE", f"/v1/jobs/{job_id}").status_code == 200
    assert laptop.ask("GET", f"/v1/jobs/{job_id}").status_code == 410
    assert MARKER not in _stored(laptop)
    found = verified(laptop, data)
    assert (found["ours"], found["job_id"], found["deleted"]) == (True, job_id, True)


def _stored(laptop: Laptop) -> str:
    """All that lies in all buckets, as text."""
    settings, client = laptop.settings, laptop.storage()
    buckets = (settings.uploads_bucket, settings.results_bucket, settings.jobs_bucket)
    blobs = [blob for bucket in buckets for blob in client.list_blobs(bucket)]
    return "\n".join(f"{blob.name} {blob.metadata} {blob.download_as_bytes()!r}" for blob in blobs)


@pytest.fixture
def plantain(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """plantain(command, …) → the JSON that it prints; it must succeed."""
    monkeypatch.setenv("PLANTAIN_DATA", laptop.environment["PLANTAIN_DATA"])

    def run(*arguments: str) -> Any:
        monkeypatch.setattr(sys, "argv", ["plantain", *arguments, "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert not ended.value.code, told
        return json.loads(told.out)

    return run


def test_the_commands_verify_and_delete(laptop: Laptop, plantain: Callable[..., Any], tmp_path: Path) -> None:
    job_id, data = made(laptop)
    file = tmp_path / "boat.png"
    file.write_bytes(data)
    (offline,) = plantain("verify", str(file))
    assert (offline["verdict"], offline["job_id"]) == ("untouched", None)
    (asked,) = plantain("verify", str(file), "--remote")
    assert (asked["verdict"], asked["job_id"]) == ("untouched", job_id)
    assert plantain("delete", job_id)["id"] == job_id
    (asked,) = plantain("verify", str(file), "--remote")
    assert (asked["verdict"], asked["deleted"]) == ("untouched", True)


# Logs. ------------------------------------------------------------------------------------------------


def test_nothing_private_is_logged(laptop: Laptop) -> None:
    """Jobs that succeed, fail, are refused and are uploaded, each with the marker wherever text may stand."""
    private: dict[str, Any] = {
        "prompt": f"a red boat for {MARKER}",
        "labels": {"who": MARKER},
        "webhook": {"url": OWN_WEBHOOK},
    }
    for labels in ({}, {"mock.fail": "permanent"}, {"mock.fail": "crash", "mock.fail_attempts": "1"}):
        request = {**private, "labels": {**private["labels"], **labels}}
        laptop.ended(laptop.post(**request)["id"])
    refused = {**private, "task": "generate", "negative_prompt": MARKER, "size": MARKER, MARKER: MARKER}
    assert laptop.ask("POST", "/v1/jobs", json=refused).status_code == 400
    assert laptop.ask("GET", f"/v1/jobs?label=who:{MARKER}").status_code == 200
    _upload(laptop, f"{MARKER}.png", _blank(), "uploads.refused")
    _upload(laptop, f"{MARKER}.txt", MARKER.encode(), "uploads.ignored")
    job_id, _ = made(laptop, **{**private, "webhook": None})
    laptop.ask("DELETE", f"/v1/jobs/{job_id}")

    logs = Path(laptop.environment["PLANTAIN_DATA"]) / "logs"
    eventually(lambda: "webhook.attempted" in _text(logs), "the webhook's attempt in the log")
    lines = [line for line in _text(logs).splitlines() if MARKER in line]
    assert lines == []


def _text(logs: Path) -> str:
    return "\n".join(file.read_text() for file in sorted(logs.iterdir()))


def _blank() -> bytes:
    file = BytesIO()
    Image.new("RGB", (512, 512), "teal").save(file, "PNG")
    return file.getvalue()


def _upload(laptop: Laptop, name: str, data: bytes, logged: str) -> None:
    """An upload without an instruction: what becomes of it is logged."""
    bucket = laptop.storage().bucket(laptop.settings.uploads_bucket)
    bucket.blob(f"{MARKER}/{name}").upload_from_string(data)
    logs = Path(laptop.environment["PLANTAIN_DATA"]) / "logs"
    eventually(lambda: logged in _text(logs), f"{logged} in the log")
