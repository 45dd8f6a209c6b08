"""What keeps a stack from starting is told before anything is started."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local.http_servers.ports import StackPorts
from local.stack.stack import Stack
from local.stack.stack_options import StackOptions
from local.stack.stack_servers import EmulatorUnreachable


@pytest.mark.parametrize("variable", ["PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"])
@pytest.mark.parametrize("address", ["localhost:abc", "127.0.0.1:99999", "http://[", "127.0.0.1:1"])
def test_an_emulator_that_cannot_be_reached_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, address: str
) -> None:
    async def start() -> None:
        async with Stack.running(StackOptions(tmp_path, StackPorts(0, 0, 0)), print):
            raise AssertionError("it started")

    for name in ("PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, address)
    with pytest.raises(EmulatorUnreachable, match=variable):
        asyncio.run(start())
