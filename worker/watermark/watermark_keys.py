"""The watermark's keys: from the environment in the cloud, from files created on first use on a laptop."""

from __future__ import annotations

import secrets
from pathlib import Path

from worker.settings import MAX_KEY_VERSION, WorkerSettings

_KEY_BYTES = 32


class KeyMissing(ValueError):
    """No key is configured. Production never creates one: its marks could not be verified later."""


def watermark_key(settings: WorkerSettings) -> bytes:
    """Returns the present key, 32 bytes.

    Raises KeyMissing, and ValueError for a key that is not 64 hexadecimal digits.
    """
    if settings.watermark_key:
        return _parse_key(settings.watermark_key)
    if settings.is_local:
        return _parse_key(_create_key_once(_key_file(settings, settings.watermark_key_version)))
    raise KeyMissing("Set PLANTAIN_WATERMARK_KEY to 64 hexadecimal digits from Secret Manager.")


def known_watermark_keys(settings: WorkerSettings) -> dict[int, bytes]:
    """Returns the keys with which pictures may have been marked, by version, the present one first.

    Creates no key.

    Raises ValueError for a key that is not 64 hexadecimal digits.
    """
    known = dict(settings.watermark_retired_keys)
    if settings.is_local:
        known |= {version: file.read_text() for version, file in _existing_key_files(settings).items()}
    if settings.watermark_key:
        known[settings.watermark_key_version] = settings.watermark_key
    present = settings.watermark_key_version
    return {
        version: _parse_key(known[version]) for version in sorted(known, key=lambda each: each != present)
    }


def _parse_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("A watermark key is 64 hexadecimal digits.")
    return key


def _key_file(settings: WorkerSettings, version: int) -> Path:
    """Returns the file of a version: on a laptop another version is all that a rotation needs."""
    return settings.data / "keys" / ("watermark.key" if version == 1 else f"watermark-{version}.key")


def _existing_key_files(settings: WorkerSettings) -> dict[int, Path]:
    files = {version: _key_file(settings, version) for version in range(1, MAX_KEY_VERSION + 1)}
    return {version: file for version, file in files.items() if file.exists()}


def _create_key_once(file: Path) -> str:
    """Returns the file's key; creates it if needed.

    If several workers start together, one creates the key and all read it.
    """
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
