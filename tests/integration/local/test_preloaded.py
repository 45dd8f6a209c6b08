"""What the services of the stack are forked from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from pathlib import Path
import local.stack.preloaded
own = Path("/proc/self")
print(json.dumps({
    "threads": len(list((own / "task").iterdir())),
    "connections": [each.name for each in (own / "fd").iterdir() if each.is_socket()],
    "modules": list(sys.modules),
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="services are forked on Linux only")
def test_a_fork_finds_the_imports_and_loses_nothing() -> None:
    search = str(Path(__file__).parents[3])
    ended = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": search},
    )
    seen = json.loads(ended.stdout)
    assert seen["threads"] == 1  # a fork has no other threads
    assert seen["connections"] == []
    assert {"google.cloud.pubsub_v1", "google.cloud.storage", "main.api.application"} <= set(seen["modules"])
    services = {"local.stack.functions_host", "local.eventarc.bridge", "worker.__main__"}
    assert not services & set(seen["modules"])  # each runs as the main program of its process
