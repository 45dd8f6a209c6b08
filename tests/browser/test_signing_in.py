"""Behind Identity-Aware Proxy, and behind Cloud Run's own check: no key is asked for."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from local.stack.stack_process import StackProcess
from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio
from tests.mock_stack import killed_afterwards, mock_stack
from tests.unit.functions.api.iap_signer import ADA, AUDIENCE, running_iap

_HOP = {"connection", "transfer-encoding", "content-length", "date", "server", "host"}


@contextmanager
def front_door(api: str, added: Callable[[], dict[str, str]]) -> Generator[str]:
    """A proxy that lets a person through, and adds headers that say who it is to each request."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            headers |= {**added(), "Origin": api}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with httpx.stream(
                self.command, f"{api}{self.path}", headers=headers, content=body, timeout=None
            ) as answer:
                self.send_response(answer.status_code)
                for name, value in answer.headers.multi_items():
                    if name not in _HOP:
                        self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                for piece in answer.iter_raw():
                    self.wfile.write(piece)
                    self.wfile.flush()
            self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PUT = _pass_on

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def behind_iap(tmp_path: Path) -> Generator[StackProcess]:
    """A stack that believes the proxy alone, with the address of that proxy as ``door``."""
    with running_iap() as iap:
        environment = {"PLANTAIN_IAP_AUDIENCE": AUDIENCE, "PLANTAIN_IAP_KEYS_URL": iap.url}
        with (
            killed_afterwards(mock_stack(tmp_path, environment=environment)) as stack,
            front_door(stack.state["api"], lambda: {"X-Goog-IAP-JWT-Assertion": iap.sign(**ADA)}) as door,
        ):
            stack.state["door"] = door
            yield stack


def test_behind_identity_aware_proxy_no_key_is_asked_for(
    behind_iap: StackProcess, open_studio: OpenStudio
) -> None:
    assert httpx.get(f"{behind_iap.state['api']}/v1/capabilities").status_code == 401
    check_signed_in(open_studio(api=behind_iap.state["door"]))


def check_signed_in(studio: Studio) -> None:
    expect(studio.page.get_by_text("ada@example.com")).to_be_visible()
    expect(studio.page.get_by_role("dialog")).to_have_count(0)
    expect(studio.page.get_by_role("button", name="Sign out")).to_have_count(0)
    studio.page.get_by_role("combobox", name="Size").select_option("512")
    studio.make_and_wait("a red boat")


def identity_token(**claims: Any) -> str:
    """A token as Cloud Run passes it on: its claims, and a signature that is cut off."""
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "RS256", "typ": "JWT"}, {"iss": "https://accounts.google.com", **claims})
    )
    return f"{head}.{body}.SIGNATURE_REMOVED_BY_GOOGLE"


@pytest.fixture
def behind_cloud_run(tmp_path: Path) -> Generator[StackProcess]:
    """A stack as a deployment that demands authentication, and `gcloud run services proxy` in front of it."""
    token = identity_token(sub="1", email="ada@example.com", email_verified=True)
    environment = {
        "PLANTAIN_PROFILE": "production",
        "PLANTAIN_INVOKER_CHECK": "true",
        "PLANTAIN_WATERMARK_KEY": "5e" * 32,
        "PLANTAIN_SAFETY_FAIL_CLOSED": "false",
        "PLANTAIN_CREDENTIALS": "off",
    }
    with (
        killed_afterwards(mock_stack(tmp_path, environment=environment)) as stack,
        front_door(stack.state["api"], lambda: {"Authorization": f"Bearer {token}"}) as door,
    ):
        stack.state["door"] = door
        yield stack


def test_behind_cloud_runs_own_check_no_key_is_asked_for(
    behind_cloud_run: StackProcess, open_studio: OpenStudio
) -> None:
    assert httpx.get(f"{behind_cloud_run.state['api']}/v1/capabilities").status_code == 401
    check_signed_in(open_studio(api=behind_cloud_run.state["door"]))
