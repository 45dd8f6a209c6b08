"""Models from the hub, through its own client and a server that answers as the hub does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import huggingface_hub
import pytest

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.checkpoint import fetch_checkpoint
from worker.engines.protocol import Picture

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB_ID = f"plantain/tiny@{COMMIT}"

Load = Callable[..., DiffusersEngine]
Draw = Callable[[DiffusersEngine], Picture]


def _at_once(_seconds: float) -> None:
    """A sleep that takes no time."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's pauses before it tries again take no time."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", _at_once)


class HubPages(BaseHTTPRequestHandler):
    """What the hub answers about one repository, as its client asks."""

    protocol_version = "HTTP/1.1"
    directory: ClassVar[Path]
    refusal: ClassVar[tuple[int, str] | None] = None

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if self.refusal is not None:
            self._answer(self.refusal[0], b"{}", {"X-Error-Code": self.refusal[1]})
        elif path.startswith("/api/models/plantain/tiny/tree/"):
            self._answer(200, json.dumps(self._tree()).encode(), {})
        else:
            name = path.removeprefix(f"/plantain/tiny/resolve/{COMMIT}/")
            etag = {"ETag": f'"{abs(hash(name)):040x}"', "X-Repo-Commit": COMMIT}
            self._answer(200, (self.directory / name).read_bytes(), etag)

    def _tree(self) -> list[dict[str, object]]:
        files = [path for path in self.directory.rglob("*") if path.is_file()]
        return [
            {
                "type": "file",
                "path": path.relative_to(self.directory).as_posix(),
                "size": path.stat().st_size,
                "oid": f"{abs(hash(path)):040x}",
            }
            for path in files
        ]

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _send_the_client_to(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does before the client is imported."""
    constants = huggingface_hub.constants
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def hub(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[HubPages]]:
    """A hub with the tiny klein, beside files of a repository that are not the pipeline's."""
    (copy / "tiny-klein.safetensors").write_bytes(b"the original's single file")
    (copy / "vae" / "diffusion_pytorch_model.bin").write_bytes(b"a pickle")
    pages = type("Pages", (HubPages,), {"directory": copy})
    server = ThreadingHTTPServer(("127.0.0.1", 0), pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    _send_the_client_to(f"http://127.0.0.1:{server.server_port}", monkeypatch)
    yield pages
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_hub_id_is_fetched_at_its_commit(
    hub: type[HubPages], klein: DiffusersEngine, tmp_path: Path, load: Load, draw: Draw
) -> None:
    checkpoint = fetch_checkpoint(HUB_ID, tmp_path)
    assert not list(checkpoint.directory.glob("*.safetensors"))
    assert not list(checkpoint.directory.rglob("*.bin"))
    assert (draw(load(HUB_ID)) == draw(klein)).all()


def test_a_hub_id_s_revision_is_its_commit(hub: type[HubPages], copy: Path, tmp_path: Path) -> None:
    (copy / "plantain.json").unlink()
    checkpoint = fetch_checkpoint(HUB_ID, tmp_path)
    assert (checkpoint.model, checkpoint.revision) == ("tiny", COMMIT)


def test_what_was_fetched_once_needs_no_hub(hub: type[HubPages], tmp_path: Path) -> None:
    first = fetch_checkpoint(HUB_ID, tmp_path)
    hub.refusal = (503, "")
    assert fetch_checkpoint(HUB_ID, tmp_path) == first


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((404, "RepoNotFound"), "has no model plantain/tiny"),
        ((404, "RevisionNotFound"), f"no commit {COMMIT}"),
        ((403, "GatedRepo"), "gated.*HF_TOKEN"),
        ((500, ""), "cannot be fetched from the hub"),
    ],
)
def test_what_the_hub_refuses_is_said_plainly(
    hub: type[HubPages], tmp_path: Path, refusal: tuple[int, str], said: str
) -> None:
    hub.refusal = refusal
    with pytest.raises(ModelUnavailable, match=said):
        fetch_checkpoint(HUB_ID, tmp_path)


def test_a_hub_that_cannot_be_reached_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _send_the_client_to("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(ModelUnavailable, match=r"plantain/tiny is not on this machine.*network"):
        fetch_checkpoint(HUB_ID, tmp_path)


@pytest.mark.parametrize("source", ["plantain/tiny", "plantain/tiny@main", "plantain/tiny@0123abc"])
def test_a_hub_id_must_name_its_commit(tmp_path: Path, source: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"pin it to a commit.*plantain/tiny@"):
        fetch_checkpoint(source, tmp_path)
