"""The gallery: the examples' pictures, drawn ahead by all processors while the first phases train.

It is a folder of chunks, each a file that is whole or not there, and it is not kept once the pictures are
encoded: at 256 pixels it takes 200 KB a picture.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from training.scenes.scene import render
from training.scenes.truth import region_map
from training.starter.config import Config

from .examples import KINDS, Kind, count, example

_CHUNK = 32
_AHEAD = 4


@dataclass(frozen=True)
class Chunk:
    """Some examples of one kind and bucket, from the one numbered ``first`` on."""

    bucket: int
    kind: Kind
    first: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.bucket}-{self.first:06}.npz"


@dataclass(frozen=True)
class Pictures:
    """A chunk's, drawn."""

    pixels: NDArray[np.uint8]
    """(examples, 1 or 2, height, width, 3), RGB: the picture after and, where there is one, before."""
    layout: NDArray[np.uint8]
    """(examples, 2, height, width) in tokens: the ``region_map`` of the picture after."""


class Gallery:
    """Drawing goes on from entering the context to leaving it; what is there already is not drawn again."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._coming: dict[Chunk, Future[None]] = {}
        self._pool: ProcessPoolExecutor | None = None
        self.chunks = [
            Chunk(bucket, kind, first, min(_CHUNK, total - first))
            for bucket in range(len(config.buckets))
            for kind in KINDS
            for total in (count(config, bucket, kind),)
            for first in range(0, total, _CHUNK)
        ]
        # In an order that shows a phase which takes them one by one a bit of everything from the start.
        self._order = random.Random(f"gallery {config.seed}").sample(self.chunks, len(self.chunks))

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Spawned: a fork of a process that has threads, as torch makes them, may wait for ever.
        self._pool = ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_in_the_background)
        self._coming = {
            chunk: self._pool.submit(_draw, self._config, chunk, self._file(chunk))
            for chunk in self._order
            if not self._file(chunk).exists()
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def read(self, chunk: Chunk) -> Pictures:
        """Waits for the chunk where it is still to be drawn."""
        if coming := self._coming.get(chunk):
            coming.result()
        with np.load(self._file(chunk)) as arrays:
            return Pictures(arrays["pixels"], arrays["layout"])

    def all_of(self, bucket: int, kind: Kind) -> Iterator[Pictures]:
        """In the examples' order, read some chunks ahead."""
        chunks = [chunk for chunk in self.chunks if (chunk.bucket, chunk.kind) == (bucket, kind)]
        with ThreadPoolExecutor(_AHEAD) as readers:
            coming = deque(readers.submit(self.read, chunk) for chunk in chunks[:_AHEAD])
            for number in range(len(chunks)):
                pictures = coming.popleft().result()
                if number + _AHEAD < len(chunks):
                    coming.append(readers.submit(self.read, chunks[number + _AHEAD]))
                yield pictures

    def batch(self, step: int, size: int) -> NDArray[np.uint8]:
        """The pictures of step ``step``, (size or fewer, height, width, 3): one chunk after the other."""
        pixels = self.read(self._order[step % len(self._order)]).pixels
        pixels = pixels.reshape(-1, *pixels.shape[2:])
        chosen = random.Random(f"pictures {self._config.seed} {step}").sample(
            range(len(pixels)), min(size, len(pixels))
        )
        return pixels[chosen]

    def remove(self) -> None:
        shutil.rmtree(self._folder)

    def _file(self, chunk: Chunk) -> Path:
        return self._folder / chunk.name


def _in_the_background() -> None:
    os.nice(10)
    cv2.setNumThreads(1)
    # An interrupt of the training reaches its children too, who are to finish what they are at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _draw(config: Config, chunk: Chunk, file: Path) -> None:
    width, height = config.buckets[chunk.bucket]
    numbers = range(chunk.first, chunk.first + chunk.count)
    examples = [example(config, chunk.bucket, chunk.kind, number) for number in numbers]
    pixels = [np.stack([render(scene, width, height) for scene in e.scenes]) for e in examples]
    layout = [region_map(e.after, width, height, cell=config.autoencoder.patch) for e in examples]
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as out:
        np.savez(
            out, pixels=np.stack(pixels), layout=np.stack([np.stack(m) for m in layout]).astype(np.uint8)
        )
    part.replace(file)
