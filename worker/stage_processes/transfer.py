"""Sends objects between two processes on this machine, their large arrays in shared memory.

Each large array is a block of memory without a name, whose file descriptor goes through the connection. The
receiver maps the block, and nothing is copied there. The kernel frees it once no process has it, also when
one was killed. Blocks need no room in /dev/shm.

| received with  | the arrays                                                                          |
|----------------|-------------------------------------------------------------------------------------|
| ``copies``     | are writable; a page that is written to becomes the receiver's own (copy on write)  |
| else           | are read-only; they are sent on to another process without being copied             |
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import socket
import tempfile
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

_SHARED_FROM = 1 << 16  # bytes; smaller arrays are in the pickle
_AT_ONCE = 200  # descriptors in one message; Linux takes 253

ArrayPlace = tuple[int, str, tuple[int, ...]]
"""The number of an array's block, its type and its shape."""


class SharedBlock(mmap.mmap):
    """A block that this process has mapped, with the descriptor by which it can be sent on."""

    descriptor: int
    is_unchanged: bool

    @classmethod
    def from_descriptor(cls, descriptor: int, *, copies: bool) -> SharedBlock:
        """Returns the mapped block. It closes the descriptor when no array uses it any more."""
        flags = mmap.MAP_PRIVATE if copies else mmap.MAP_SHARED
        access = mmap.PROT_READ | mmap.PROT_WRITE if copies else mmap.PROT_READ
        block = cls(descriptor, os.fstat(descriptor).st_size, flags=flags, prot=access)
        block.descriptor, block.is_unchanged = descriptor, not copies
        return block

    def __del__(self) -> None:
        os.close(self.descriptor)


class _ArrayPickler(pickle.Pickler):
    """Pickles a value without its large arrays: they are in blocks, whose descriptors it collects."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.descriptors: list[int] = []
        self._arrays: dict[int, tuple[np.ndarray, int]] = {}  # an array may be there twice
        self._made: list[int] = []

    def persistent_id(self, obj: object) -> ArrayPlace | None:
        """Returns the place of a large array, which is not pickled; None for everything else."""
        if not isinstance(obj, np.ndarray) or obj.nbytes < _SHARED_FROM or obj.dtype.hasobject:
            return None
        if id(obj) not in self._arrays:
            self._arrays[id(obj)] = (obj, len(self.descriptors))
            self.descriptors.append(self._descriptor_of(obj))
        return self._arrays[id(obj)][1], obj.dtype.str, obj.shape

    def close(self) -> None:
        """Closes the descriptors of the blocks that were made for this value."""
        for descriptor in self._made:
            os.close(descriptor)

    def _descriptor_of(self, array: np.ndarray) -> int:
        block = _unchanged_block(array)
        if block is not None:
            return block.descriptor
        self._made.append(_new_block(np.ascontiguousarray(array)))
        return self._made[-1]


class _ArrayUnpickler(pickle.Unpickler):
    """Loads what ``_ArrayPickler`` has pickled, with arrays that are views of the blocks."""

    def __init__(self, file: io.BytesIO, blocks: Sequence[SharedBlock]) -> None:
        super().__init__(file)
        self._blocks = blocks

    def persistent_load(self, pid: ArrayPlace) -> np.ndarray:
        number, dtype, shape = pid
        return np.frombuffer(self._blocks[number], dtype).reshape(shape)


def send_object(connection: Connection, value: object) -> None:
    """Sends ``value`` to ``receive_object``. Raises OSError when the other side is gone."""
    file = io.BytesIO()
    with closing(_ArrayPickler(file)) as pickler:
        pickler.dump(value)
        connection.send_bytes(pickle.dumps((file.getvalue(), len(pickler.descriptors))))
        _send_descriptors(connection, pickler.descriptors)


def receive_object(connection: Connection, *, copies: bool = True) -> Any:
    """Returns the next object. Raises EOFError or OSError if the other side is gone."""
    head, count = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
    descriptors = _receive_descriptors(connection, count)
    blocks = [SharedBlock.from_descriptor(each, copies=copies) for each in descriptors]
    return _ArrayUnpickler(io.BytesIO(head), blocks).load()


def _unchanged_block(array: np.ndarray) -> SharedBlock | None:
    """Returns the block that the array is the whole of, if this process cannot have written to it."""
    owner = buffer_owner(array)
    if not isinstance(owner, SharedBlock) or not owner.is_unchanged:
        return None
    return owner if array.flags.c_contiguous and len(owner) == array.nbytes else None


def buffer_owner(view: object) -> object:
    """Returns what holds the memory that arrays and memoryviews look at."""
    if isinstance(view, np.ndarray):
        return view if view.base is None else buffer_owner(view.base)
    return buffer_owner(view.obj) if isinstance(view, memoryview) else view


def _new_block(array: np.ndarray) -> int:
    """Returns the descriptor of a new block with the contiguous array's bytes."""
    view = array.reshape(-1).view(np.uint8).data
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("array")
    else:  # macOS
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    written = 0
    while written < view.nbytes:
        written += os.write(descriptor, view[written:])
    return descriptor


def _send_descriptors(connection: Connection, descriptors: Sequence[int]) -> None:
    with _socket_of(connection) as channel:
        for at in range(0, len(descriptors), _AT_ONCE):
            socket.send_fds(channel, [b"\0"], descriptors[at : at + _AT_ONCE])


def _receive_descriptors(connection: Connection, count: int) -> list[int]:
    received: list[int] = []
    with _socket_of(connection) as channel:
        while len(received) < count:
            message, descriptors, _, _ = socket.recv_fds(channel, 1, _AT_ONCE)
            if not message:
                raise EOFError
            received += descriptors
    return received


def _socket_of(connection: Connection) -> socket.socket:
    """Returns a duplicate of the connection's socket; ``multiprocessing.Pipe`` makes two that are joined."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=os.dup(connection.fileno()))
