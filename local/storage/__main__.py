"""``python -m local.storage --port 9023 --directory objects``: the server alone, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from functions.contract.errors import PlantainError
from local.http_servers.api_keys import ApiKeys, check_host
from local.storage.server import StorageServer


def main() -> int:
    arguments = _argument_parser().parse_args()
    try:
        keys = ApiKeys.from_environment()
        check_host(arguments.host, keys)
        server = StorageServer(arguments.directory, host=arguments.host, port=arguments.port, keys=keys)
        asyncio.run(_serve_until_signal(server))
    except PlantainError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


async def _serve_until_signal(server: StorageServer) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await server.start()
    print(f"STORAGE_EMULATOR_HOST={server.url}", flush=True)
    await stopped.wait()
    await server.stop()


def _argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.storage", description="An embedded Cloud Storage.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any free port")
    parser.add_argument("--directory", type=Path, help="where the objects are kept; none: nowhere")
    return parser


if __name__ == "__main__":
    sys.exit(main())
