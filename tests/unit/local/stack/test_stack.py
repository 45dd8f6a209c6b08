"""What keeps a stack from starting is told before anything is started."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from local.data_folder import DataDirectory
from local.http_servers.ports import StackPorts
from local.stack.stack import Stack
from local.stack.stack_options import StackOptions
from local.stack.stack_servers import EmulatorUnreachable, StackServers


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


def test_the_stack_s_processes_reach_its_own_pubsub_directly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)

    async def started() -> tuple[dict[str, str], dict[str, str]]:
        data = DataDirectory(tmp_path)
        data.make_folders()
        servers = StackServers(StackOptions(tmp_path, StackPorts(0, 0, 0)), data, None)
        async with AsyncExitStack() as parts:
            await servers.start(parts)
            return servers.environment, servers.process_environment

    told, own = asyncio.run(started())
    assert told["PUBSUB_EMULATOR_HOST"].startswith("127.0.0.1:")
    assert own == {**told, "PUBSUB_EMULATOR_HOST": own["PUBSUB_EMULATOR_HOST"]}
    assert own["PUBSUB_EMULATOR_HOST"].startswith("unix:")
