"""The watermark's keys: from the environment in the cloud, from files made on first use on the laptop."""

from __future__ import annotations

import secrets
from pathlib import Path

from worker.settings import MAX_KEY_VERSION, WorkerSettings

_KEY_BYTES = 32


class KeyMissing(ValueError):
    """Production never invents a key: what it marks could not be verified later."""


def watermark_key(settings: WorkerSettings) -> bytes:
    """32 bytes. Raises KeyMissing, and ValueError for a key that is not 64 hexadecimal digits."""
    if settings.watermark_key:
        return _key(settings.watermark_key)
    if settings.is_local:
        return _key(_made_once(_file(settings, settings.watermark_key_version)))
    raise KeyMissing("Set PLANTAIN_WATERMARK_KEY to 64 hexadecimal digits from Secret Manager.")


def known_watermark_keys(settings: WorkerSettings) -> dict[int, bytes]:
    """The keys by which pictures may have been marked, by version; the present one first. None is made.

    Raises ValueError for a key that is not 64 hexadecimal digits.
    """
    known = dict(settings.watermark_retired_keys)
    if settings.is_local:
        known |= {version: file.read_text() for version, file in _files(settings).items()}
    if settings.watermark_key:
        known[settings.watermark_key_version] = settings.watermark_key
    present = settings.watermark_key_version
    return {version: _key(known[version]) for version in sorted(known, key=lambda each: each != present)}


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("A watermark key is 64 hexadecimal digits.")
    return key


def _file(settings: WorkerSettings, version: int) -> Path:
    """Each version has its own, so that a laptop's key is rotated by its version alone."""
    return settings.data / "keys" / ("watermark.key" if version == 1 else f"watermark-{version}.key")


def _files(settings: WorkerSettings) -> dict[int, Path]:
    files = {version: _file(settings, version) for version in range(1, MAX_KEY_VERSION + 1)}
    return {version: file for version, file in files.items() if file.exists()}


def _made_once(file: Path) -> str:
    """The file's key. Of workers that start side by side, one writes it and all read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")  # two containers may share the folder
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(_KEY_BYTES))
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return file.read_text()
