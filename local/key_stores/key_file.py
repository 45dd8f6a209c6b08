"""The list of keys in a file, for a laptop and for a cluster that mounts it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from functions.contract.api_keys.key_list import KeyList
from functions.contract.api_keys.keys_file import read_key_file
from local.key_stores.key_store import EditList


class KeyFile:
    """A file that only its user can read. A reader sees the old list or the new one, and never a part."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def read(self) -> KeyList:
        """Returns the list. Raises OSError, DamagedDocument and UnsupportedVersion."""
        try:
            return KeyList.parse(read_key_file(self._path))
        except FileNotFoundError:
            return KeyList()

    def change(self, edit: EditList) -> None:
        """Changes the list. Raises what ``read`` raises."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _locked_folder(self._path.parent):
            _replace_file(self._path, edit(self.read()).encode())


@contextmanager
def _locked_folder(folder: Path) -> Generator[None]:
    """Keeps other commands waiting that change a list in the folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace_file(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
