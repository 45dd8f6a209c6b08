"""The picture cache: all processors render the examples while the first phases train.

It is a folder of chunks; a file that exists is complete. It is removed once the pictures are encoded: at
256 pixels a picture takes 200 KB.
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

from training.networks.config import TrainingConfig
from training.scenes.ground_truth import region_map
from training.scenes.scene_sampling import render_scene

from .training_examples import EXAMPLE_KINDS, ExampleKind, example_count, sample_example

_CHUNK = 32
_AHEAD = 4


@dataclass(frozen=True)
class ExampleChunk:
    """Consecutive examples of one kind and bucket, from number ``first`` on."""

    bucket: int
    kind: ExampleKind
    first: int
    count: int

    @property
    def name(self) -> str:
        """Returns the file name."""
        return f"{self.kind}-{self.bucket}-{self.first:06}.npz"


@dataclass(frozen=True)
class RenderedChunk:
    """The rendered pictures of a chunk."""

    pixels: NDArray[np.uint8]
    """(examples, 1 or 2, height, width, 3), RGB: the picture after the edit and, if there is one, before."""
    layout: NDArray[np.uint8]
    """(examples, 2, height, width) in tokens: the ``region_map`` of the picture after the edit."""


class PictureCache:
    """Renders missing chunks in the background, while its context is open."""

    def __init__(self, config: TrainingConfig, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._coming: dict[ExampleChunk, Future[None]] = {}
        self._pool: ProcessPoolExecutor | None = None
        self.chunks = [
            ExampleChunk(bucket, kind, first, min(_CHUNK, total - first))
            for bucket in range(len(config.buckets))
            for kind in EXAMPLE_KINDS
            for total in (example_count(config, bucket, kind),)
            for first in range(0, total, _CHUNK)
        ]
        # Shuffled, so that a phase that takes them in order sees every kind from the start.
        self._order = random.Random(f"gallery {config.seed}").sample(self.chunks, len(self.chunks))

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Spawned: a fork of a process that has threads, such as torch's, may hang.
        self._pool = ProcessPoolExecutor(
            mp_context=get_context("spawn"), initializer=_start_background_process
        )
        self._coming = {
            chunk: self._pool.submit(_render_chunk, self._config, chunk, self._file(chunk))
            for chunk in self._order
            if not self._file(chunk).exists()
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def read(self, chunk: ExampleChunk) -> RenderedChunk:
        """Returns a chunk, and waits for it if it is not rendered yet."""
        if coming := self._coming.get(chunk):
            coming.result()
        with np.load(self._file(chunk)) as arrays:
            return RenderedChunk(arrays["pixels"], arrays["layout"])

    def all_of(self, bucket: int, kind: ExampleKind) -> Iterator[RenderedChunk]:
        """Yields the chunks of a bucket and kind in order, and reads some ahead."""
        chunks = [chunk for chunk in self.chunks if (chunk.bucket, chunk.kind) == (bucket, kind)]
        with ThreadPoolExecutor(_AHEAD) as readers:
            coming = deque(readers.submit(self.read, chunk) for chunk in chunks[:_AHEAD])
            for number in range(len(chunks)):
                pictures = coming.popleft().result()
                if number + _AHEAD < len(chunks):
                    coming.append(readers.submit(self.read, chunks[number + _AHEAD]))
                yield pictures

    def batch(self, step: int, size: int) -> NDArray[np.uint8]:
        """Returns pictures for step ``step``, (size or fewer, height, width, 3), all from one chunk."""
        pixels = self.read(self._order[step % len(self._order)]).pixels
        pixels = pixels.reshape(-1, *pixels.shape[2:])
        chosen = random.Random(f"pictures {self._config.seed} {step}").sample(
            range(len(pixels)), min(size, len(pixels))
        )
        return pixels[chosen]

    def remove(self) -> None:
        """Deletes the folder, if it exists."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, chunk: ExampleChunk) -> Path:
        return self._folder / chunk.name


def _start_background_process() -> None:
    os.nice(10)
    cv2.setNumThreads(1)
    # An interrupt of the training reaches its child processes too; they finish their chunk first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _render_chunk(config: TrainingConfig, chunk: ExampleChunk, file: Path) -> None:
    width, height = config.buckets[chunk.bucket]
    numbers = range(chunk.first, chunk.first + chunk.count)
    examples = [sample_example(config, chunk.bucket, chunk.kind, number) for number in numbers]
    pixels = [np.stack([render_scene(scene, width, height) for scene in e.scenes]) for e in examples]
    layout = [region_map(e.after, width, height, cell=config.autoencoder.patch) for e in examples]
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as out:
        np.savez(
            out, pixels=np.stack(pixels), layout=np.stack([np.stack(m) for m in layout]).astype(np.uint8)
        )
    part.replace(file)
