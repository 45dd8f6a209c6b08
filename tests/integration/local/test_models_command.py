"""``plantain models`` with the hub's own client, against a local server of the hub's API."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from functions.contract.errors import ModelUnavailable
from local.cli.output import FAILED, INTERRUPTED, INVALID
from local.http_servers.ports import HOST
from local.model_store import pull as pulling
from local.model_store.model_request import read_model_request
from local.model_store.pull import pull_model
from tests.command import Command, Result, run_command
from tests.hub_server import COMMIT, Hub, serve_hub
from worker.known_models.pulled_models import ModelLock, PulledModels, read_lock

MIB = 1 << 20
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"
INDEX = {
    "_class_name": "Flux2KleinPipeline",
    "transformer": ["diffusers", "Flux2Transformer2DModel"],
    "safety_checker": [None, None],
}
ID = "plantain/Tiny"
WAIT = 120.0  # seconds for what a healthy machine does in one


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A repository of 24 MiB, beside files that the pipeline is not loaded from."""
    files = {
        "model_index.json": json.dumps(INDEX).encode(),
        "transformer/config.json": b"{}",
        WEIGHTS: random.Random(1).randbytes(24 * MIB),
        "tiny.safetensors": b"the original's single file",
        "transformer/diffusion_pytorch_model.fp16.safetensors": b"another precision",
        "text_encoders/clip.safetensors": b"for another program",
        "safety_checker/model.safetensors": b"not loaded",
        "README.md": b"# Tiny",
    }
    with serve_hub(Hub(ID, files, large={WEIGHTS})) as served:
        yield served


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def environment_for(hub: Hub, data: Path) -> dict[str, str]:
    here = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(data / "hf")}
    return {**os.environ, **here, "PLANTAIN_DATA": str(data)}


@pytest.fixture
def models(
    hub: Hub, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs ``plantain models …``."""
    monkeypatch.setenv("PLANTAIN_DATA", str(data))

    def run(*arguments: str | Path) -> Result:
        reach(hub, monkeypatch)
        return run_command(monkeypatch, capsys, "models", *arguments)

    return run


def reach(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the hub's client find the server: it reads its variables when it is imported."""
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def pulled_folder(data: Path) -> Path:
    return data / "models" / "pulled" / "tiny"


def test_a_model_is_pulled_checked_locked_and_shown(models: Command, hub: Hub, data: Path) -> None:
    pulled = models("pull", ID)
    assert pulled.status == 0, pulled.err
    assert pulled.out.strip() == f"{ID}@{COMMIT}"
    folder = pulled_folder(data)
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert kept == {"model_index.json", "transformer/config.json", WEIGHTS, "plantain.lock.json"}
    assert (folder / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    lock = read_lock(folder)
    assert lock is not None
    assert (lock.repository, lock.revision, lock.commit) == (ID, "main", COMMIT)
    assert lock.files[WEIGHTS].sha256
    shown = models("show", "tiny", "--json").json
    assert (shown["commit"], shown["directory"], shown["bytes"]) == (COMMIT, str(folder), lock.size)


def test_what_is_here_is_not_fetched_again(models: Command, hub: Hub) -> None:
    assert models("pull", ID).status == 0
    hub.asked.clear()
    assert models("pull", f"{ID}@{COMMIT}").status == 0
    assert models("pull", ID).status == 0
    assert hub.asked == []


def test_a_pull_that_was_broken_off_goes_on_where_it_was(models: Command, hub: Hub, data: Path) -> None:
    hub.hold_at = (WEIGHTS, 22 * MIB)
    broken = subprocess.Popen(
        [sys.executable, "-m", "local.cli", "models", "pull", ID],
        env=environment_for(hub, data),
        stderr=subprocess.PIPE,
    )
    assert hub.held.wait(WAIT)
    broken.send_signal(signal.SIGINT)
    hub.released.set()
    broken.communicate(timeout=WAIT)
    assert broken.returncode == INTERRUPTED
    assert not pulled_folder(data).exists()
    (part,) = (data / "models" / "pulled").rglob("*.part")
    here = part.stat().st_size
    assert 0 < here < 24 * MIB
    hub.hold_at = None
    hub.asked.clear()
    again = models("pull", ID)
    assert again.status == 0, again.err
    assert "of it are here" in again.err
    assert (WEIGHTS, f"bytes={here}-") in hub.asked
    assert (pulled_folder(data) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert list((data / "models" / "pulled").iterdir()) == [pulled_folder(data)]


def test_a_file_with_another_hash_is_refused_and_removed(models: Command, hub: Hub, data: Path) -> None:
    hub.damaged = {"transformer/config.json": b"[]"}
    assert "its git-sha1 differs" in models("pull", ID).err
    hub.damaged = {WEIGHTS: bytes(24 * MIB)}
    refused = models("pull", ID)
    assert refused.status == FAILED
    assert "is not the file that the hub describes: its sha256 differs" in refused.err
    assert not pulled_folder(data).exists()
    assert list((data / "models").rglob("*.part")) == []
    hub.damaged = {}
    assert models("pull", ID).status == 0


def test_a_gated_model_is_explained(models: Command, hub: Hub) -> None:
    hub.gated = True
    refused = models("pull", ID, "--json")
    assert (refused.status, refused.json["error"]["code"]) == (FAILED, "model_unavailable")
    for said in ("gated", f"https://huggingface.co/{ID}", "HF_TOKEN"):
        assert said in refused.json["error"]["detail"]


def test_too_little_disk_is_refused_before_the_first_byte(
    hub: Hub, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(hub, monkeypatch)
    monkeypatch.setattr(pulling, "MARGIN", 1 << 60)

    def start(lock: ModelLock, here: int) -> pulling.OnBytes:
        raise AssertionError("it started")

    with pytest.raises(ModelUnavailable, match=r"needs 0\.0 GB more.*Nothing was downloaded"):
        pull_model(read_model_request(ID), PulledModels(data / "models"), start)
    assert hub.asked == [("model_index.json", None)]
    assert [path for path in data.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("plantain/other", "has no model plantain/other"),
        (f"{ID}@v2", "has no branch, tag or commit v2"),
    ],
)
def test_what_the_hub_does_not_have_is_said(models: Command, asked: str, said: str) -> None:
    refused = models("pull", asked)
    assert refused.status == FAILED
    assert said in refused.err


def test_a_hub_out_of_reach_is_said(models: Command, hub: Hub) -> None:
    hub.url = f"http://{HOST}:9"
    refused = models("pull", ID)
    assert refused.status == FAILED
    assert "cannot be fetched from the hub" in refused.err


def test_a_pipeline_that_no_family_draws_is_refused_before_its_weights(models: Command, hub: Hub) -> None:
    hub.files["model_index.json"] = json.dumps({"_class_name": "AudioPipeline"}).encode()
    refused = models("pull", ID)
    assert "is a AudioPipeline; Plantain draws with" in refused.err
    assert [path for path, _ in hub.asked] == ["model_index.json"]


def test_a_newer_commit_takes_the_place_of_the_old_one(models: Command, hub: Hub, data: Path) -> None:
    assert models("pull", ID).status == 0
    hub.commit = COMMIT[::-1]
    hub.files["transformer/config.json"] = b'{"newer": true}'
    assert models("pull", ID).status == 0
    lock = read_lock(pulled_folder(data))
    assert lock is not None
    assert lock.commit == COMMIT[::-1]
    assert (pulled_folder(data) / "transformer" / "config.json").read_bytes() == b'{"newer": true}'


def test_the_chosen_model_is_the_default_until_it_is_removed(models: Command, data: Path) -> None:
    assert "is not on this machine" in models("use", "tiny").err
    assert models("pull", ID).status == 0
    assert models("use", "tiny").status == 0
    listed = {each["name"]: each for each in models("list", "--json").json["models"]}
    assert (listed["tiny"]["default"], listed["starter"]["default"]) == (True, False)
    assert models("rm", "tiny").status == 0
    assert not pulled_folder(data).exists()
    listed = {each["name"]: each for each in models("list", "--json").json["models"]}
    assert listed["starter"]["default"]
    assert "tiny" not in listed


def test_names_are_checked(models: Command) -> None:
    for asked in (
        ["pull", "nix"],
        ["pull", "starter"],
        ["pull", ID, "--name", "../out"],
        ["pull", ID, "--name", "klein"],
    ):
        assert models(*asked).status == INVALID
    assert models("rm", "../..").status == INVALID
    assert models("show", "nix").status == INVALID
