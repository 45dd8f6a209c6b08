"""The data directory of a stack on a laptop: its folders, and the lock that keeps a second stack out."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from functions.contract.errors import PlantainError

DEFAULT = Path("plantain-data")


class DataInUse(PlantainError):
    """Another stack works on the directory."""

    code, title = "data_in_use", "The data directory is in use"
    remedy = "Stop the other stack, or name another folder with `--data`."


class DataDirectory:
    """``pubsub/``, ``storage/``, ``keys/``, ``logs/``, and ``stack.json``: where a running stack answers."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.pubsub = self.path / "pubsub"
        self.storage = self.path / "storage"
        self.keys = self.path / "keys"
        self.logs = self.path / "logs"
        self.run = self.path / "run"
        self.models = self.path / "models"  # pulled models, and what a worker downloaded by itself
        self.traces = self.path / "traces.jsonl"  # spans, where the stack keeps them
        self._state = self.path / "stack.json"

    def make_folders(self) -> None:
        for directory in (self.pubsub, self.storage, self.keys, self.logs, self.run):
            directory.mkdir(parents=True, exist_ok=True)
        self.keys.chmod(0o700)

    @contextmanager
    def locked(self) -> Generator[None]:
        """Locks the directory. Raises DataInUse. The lock ends with the process, however it ends."""
        self.make_folders()
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataInUse(
                    f"A stack already runs on {self.path}. Stop it, or name another directory with --data."
                ) from None
            yield

    def webhook_secret(self) -> str:
        """Returns the key that signs webhooks, spelled as Standard Webhooks does; made on first use."""
        path = self.keys / "webhook_secret"
        if not path.exists():
            secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
            _write_private_file(path, secret)
        return path.read_text().strip()

    def write_state(self, state: dict[str, Any]) -> None:
        _write_private_file(self._state, json.dumps(state, indent=2))

    def remove_state(self) -> None:
        self._state.unlink(missing_ok=True)

    def read_state(self) -> dict[str, Any] | None:
        """Returns what the running stack wrote; None when none runs, also after the last one was killed."""
        try:
            state = json.loads(self._state.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        pid = state.get("pid") if isinstance(state, dict) else None  # any program may have written the file
        return state if isinstance(pid, int) and _is_running(pid) else None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, as another user
        return True
    return True


def _write_private_file(path: Path, text: str) -> None:
    """Writes the whole file or none of it, readable for the owner only."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)
