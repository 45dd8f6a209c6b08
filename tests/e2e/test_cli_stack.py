"""What a running stack lets others do, and what it keeps to itself."""

from __future__ import annotations

from pathlib import Path

import httpx

from local.stack.stack_process import StackProcess
from tests.e2e.stacks import generate, up


def test_the_api_is_not_for_a_stranger_s_page(stack: StackProcess) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        for address in (stack.state["api"], stack.state["control"], stack.state["events"]):
            assert httpx.get(f"{address}/", headers=headers).status_code == 403
    assert httpx.get(f"{stack.state['api']}/healthz").status_code == 200


def test_a_second_stack_on_the_same_data_is_refused(stack: StackProcess) -> None:
    ended = up(Path(stack.state["data"]), "--port", "0")
    assert ended.returncode == 1
    assert "already runs" in ended.stderr
    assert generate(stack)["state"] == "succeeded"


def test_the_webhook_key_is_kept_for_the_owner_alone(stack: StackProcess) -> None:
    keys = Path(stack.state["data"]) / "keys"
    assert (keys / "webhook_secret").stat().st_mode & 0o777 == 0o600
    assert keys.stat().st_mode & 0o777 == 0o700
