"""``python -m local.pubsub``: the embedded Pub/Sub by itself."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from functions.contract.errors import PlantainError
from local.http_servers.api_keys import ApiKeys, check_host
from local.pubsub.server import PubSubServer


def main() -> int:
    """Serves until it is interrupted; prints the line that points clients to it."""
    parser = argparse.ArgumentParser(prog="python -m local.pubsub", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8085, help="0 takes a free one (default: 8085)")
    parser.add_argument(
        "--directory", type=Path, help="where messages survive a restart (default: in memory)"
    )
    options = parser.parse_args()
    try:
        keys = ApiKeys.from_environment()
        check_host(options.host, keys)
        asyncio.run(
            _serve_until_signal(PubSubServer(options.directory, options.host, options.port, keys=keys))
        )
    except PlantainError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


async def _serve_until_signal(server: PubSubServer) -> None:
    stopped = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    await server.start()
    print(f"PUBSUB_EMULATOR_HOST={server.address}", flush=True)
    await stopped.wait()
    await server.stop()


if __name__ == "__main__":
    sys.exit(main())
