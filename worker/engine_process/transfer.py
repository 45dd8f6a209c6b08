"""Sends objects between the two processes, their arrays in pieces and without a copy.

``Connection.send`` pickles everything into one block, and its receiver holds the block and the arrays: a
job's pictures are in memory four times. Pickle's protocol 5 keeps arrays apart (PEP 574): here it is twice.
"""

from __future__ import annotations

import pickle
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

_PIECE = 16 << 20  # bytes


def send_object(connection: Connection, value: object) -> None:
    """Sends ``value`` to ``receive_object``. Raises OSError when the other side is gone."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    connection.send_bytes(pickle.dumps((head, [view.nbytes for view in views])))
    for view in views:
        for at in range(0, view.nbytes, _PIECE):
            connection.send_bytes(view[at : at + _PIECE])


def receive_object(connection: Connection) -> Any:
    """Returns the next object, with writable arrays. Raises EOFError or OSError if the other side is gone."""
    head, sizes = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
    buffers: list[np.ndarray] = []
    for size in sizes:
        buffer = np.empty(size, np.uint8)
        view, at = buffer.data, 0
        while at < size:
            at += connection.recv_bytes_into(view[at:])
        buffers.append(buffer)
    return pickle.loads(head, buffers=buffers)  # noqa: S301 - from our own process
