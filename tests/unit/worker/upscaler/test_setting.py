"""The enlarging network is a setting; a wrong one is found before the first job."""

from __future__ import annotations

from multiprocessing import Pipe
from pathlib import Path

import pytest

from functions.contract.errors import ModelUnavailable
from worker.engines.catalogue import Catalogue
from worker.settings import WorkerSettings
from worker.stage_processes.engine_server import EngineServer


def settings(data: Path, upscaler: str | None = None) -> WorkerSettings:
    names = {"PROJECT": "p", "UPLOADS_BUCKET": "u", "RESULTS_BUCKET": "r", "JOBS_BUCKET": "j"}
    more = {
        "PROFILE": "local",
        "DATA": str(data),
        "WATERMARK_KEY": "00" * 32,
        "DEVICE": "cpu",
        "DEFAULT_MODEL": "mock",
    }
    more |= {"MODELS": '{"mock": "mock"}'} | ({"UPSCALER": upscaler} if upscaler else {})
    return WorkerSettings.from_environment({f"PLANTAIN_{k}": v for k, v in (names | more).items()})


def test_without_a_setting_it_is_ours(tmp_path: Path) -> None:
    [enlarger] = Catalogue(settings(tmp_path)).enlargers(None)
    assert enlarger.name == "picture-x2"


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    assert Catalogue(settings(tmp_path, "off")).enlargers(None) == ()


def test_one_that_is_not_there_keeps_the_worker_from_becoming_ready(tmp_path: Path) -> None:
    connection, _ = Pipe()
    server = EngineServer(connection, settings(tmp_path, str(tmp_path / "nothing.pth")))
    with pytest.raises(ModelUnavailable, match=r"nothing\.pth"):
        server.warm_up()
