"""The watermark's key: from the environment in the cloud, from a file made on first use on the laptop."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from worker.settings import WorkerSettings

_KEY_BYTES = 32


class KeyMissing(ValueError):
    """Production never invents a key: what it marks could not be verified later."""


def watermark_key(settings: WorkerSettings) -> bytes:
    """32 bytes. Raises KeyMissing, and ValueError for a key that is not 64 hexadecimal digits."""
    if settings.watermark_key:
        key = bytes.fromhex(settings.watermark_key)
    elif settings.is_local:
        key = _made_once(settings.data / "keys" / "watermark.key")
    else:
        raise KeyMissing("Set PLANTAIN_WATERMARK_KEY to 64 hexadecimal digits from Secret Manager.")
    if len(key) != _KEY_BYTES:
        raise ValueError("PLANTAIN_WATERMARK_KEY must be 64 hexadecimal digits.")
    return key


def _made_once(file: Path) -> bytes:
    """The file's key. Of workers that start side by side, one writes it and all read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(_KEY_BYTES))
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return bytes.fromhex(file.read_text().strip())
