"""Objects between the parent and the engine: arrays go as they are, in pieces, without a copy of the whole.

Connection's own send pickles into one block, and its receiver has block and arrays at once: four times the
pictures of a job, where this takes two. Pickle's protocol 5 keeps arrays apart: PEP 574.
"""

from __future__ import annotations

import pickle
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

_PIECE = 16 << 20  # bytes


def send_object(connection: Connection, value: object) -> None:
    """Sends what ``receive_object`` gives back. Raises OSError when the other side is gone."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    connection.send_bytes(pickle.dumps((head, [view.nbytes for view in views])))
    for view in views:
        for at in range(0, view.nbytes, _PIECE):
            connection.send_bytes(view[at : at + _PIECE])


def receive_object(connection: Connection) -> Any:
    """The next object; its arrays may be written to. Raises EOFError or OSError if the other side is gone."""
    head, sizes = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own process
    buffers: list[np.ndarray] = []
    for size in sizes:
        buffer = np.empty(size, np.uint8)
        view, at = buffer.data, 0
        while at < size:
            at += connection.recv_bytes_into(view[at:])
        buffers.append(buffer)
    return pickle.loads(head, buffers=buffers)  # noqa: S301 - from our own process
