"""An upload by the command line, in the process of a program that goes on afterwards."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from local.client.bucket_upload import upload_file
from local.storage import StorageServer
from tests.integration.functions.deployment import picture


@pytest.fixture
def no_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)


async def put_a_picture(folder: Path) -> str:
    server = StorageServer(None)
    await server.start()
    try:
        environment = {
            "STORAGE_EMULATOR_HOST": server.url,
            "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
            "PLANTAIN_PROJECT": "p",
            "PLANTAIN_UPLOADS_BUCKET": "uploads",
            "PLANTAIN_RESULTS_BUCKET": "results",
            "PLANTAIN_JOBS_BUCKET": "jobs",
        }
        async with httpx.AsyncClient(base_url=server.url) as http:
            (await http.post("/storage/v1/b?project=p", json={"name": "uploads"})).raise_for_status()
        file = folder / "boat.png"
        file.write_bytes(picture())
        found = await asyncio.to_thread(upload_file, file, "boat.png", {}, environment)
    finally:
        await server.stop()
    return found.uri


@pytest.mark.usefixtures("no_emulator")
def test_the_programs_environment_stays_as_it_was(tmp_path: Path) -> None:
    """A stack that the same program starts later would take foreign emulators for its own."""
    before = dict(os.environ)
    assert asyncio.run(put_a_picture(tmp_path)) == "gs://uploads/boat.png"
    assert dict(os.environ) == before
