"""A worker that draws at once: it ends each job of a deployment in a thread, as the real one would."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from functions.contract import paths
from functions.contract.document import now
from functions.contract.errors import ErrorFacts, IllegalTransition, NotFound
from functions.contract.formats import CONTENT_TYPES
from functions.contract.job import JobRecord
from functions.contract.manifest import ImageFacts, Manifest
from functions.contract.message import JobMessage
from functions.contract.states import State
from tests.eventually import eventually
from tests.integration.functions.deployment import Deployment
from worker.clips.clip_writer import ClipWriter


def preview(shade: int) -> str:
    """A preview as a worker writes it into the record."""
    target = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 0, 0)).save(target, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(target.getvalue()).decode()


def _encode(record: JobRecord, n: int) -> bytes:
    """Returns picture ``n`` of a job in the format that was asked for; of an MP4, its one frame."""
    if record.request.format == "mp4":
        with ClipWriter("mp4", record.width, record.height, 8) as clip:
            clip.write(np.full((record.height, record.width, 3), (0, 0.1 * n, 0.8), np.float32))
            return clip.finish()
    target = io.BytesIO()
    shade = (0, 20 * n, 200)
    Image.new("RGB", (record.width, record.height), shade).save(target, record.request.format.upper())
    return target.getvalue()


@dataclass
class Painter:
    """Draws the jobs of a deployment, each as ``ending`` says."""

    deployment: Deployment
    error: ErrorFacts | None = None  # ends every job, instead of a picture
    facts: dict[str, Any] = field(default_factory=dict)  # further facts of every manifest
    previews: tuple[str, ...] = ()  # written one after the other, each once the one before was seen
    seen: Callable[[int], bool] = lambda _: True  # whether the caller has seen so many previews
    drawn: list[JobRecord] = field(default_factory=list)

    def draw_queued(self) -> None:
        """Ends the jobs that are queued by now."""
        for message in self.deployment.published(self.deployment.settings.jobs_topic):
            with suppress(IllegalTransition, NotFound):  # canceled or deleted before it was drawn
                self._draw(JobMessage.decode(message.data).job_id)

    def _draw(self, job_id: str) -> None:
        record = self.deployment.claim(job_id)
        for n, shown in enumerate(self.previews):
            self.deployment.change(job_id, preview=shown, stage="diffuse", nonce=f"preview-{n}")
            eventually(lambda n=n: self.seen(n + 1), "a preview at the caller")
        self.drawn.append(record)
        if self.error is not None:
            state = State.BLOCKED if self.error.block else State.FAILED
            manifest = Manifest.of(record, state, now(), error=self.error)
        else:
            pictures = tuple(self._picture(record, n) for n in range(record.request.picture_count))
            manifest = Manifest.of(record, State.SUCCEEDED, now(), images=pictures, **self.facts)
        committer = self.deployment.services.committer
        committer.settle(committer.commit(manifest))

    def _picture(self, record: JobRecord, n: int) -> ImageFacts:
        kind = record.request.format
        name = paths.result_picture(record.id, n, kind)
        data = _encode(record, n)
        self.deployment.services.results.put(name, data, CONTENT_TYPES[kind])
        return ImageFacts(
            name=name,
            width=record.width,
            height=record.height,
            bit_depth=8,
            content_type=CONTENT_TYPES[kind],
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            seed=record.seed,
        )


@contextmanager
def painting(deployment: Deployment, **how: Any) -> Generator[Painter]:
    """Draws all jobs of the deployment while the block runs."""
    painter, stopped = Painter(deployment, **how), threading.Event()

    def work() -> None:
        """Asks the queue once something was published: a question is milliseconds of two threads."""
        seen = -1
        while not stopped.wait(0.01):
            published = deployment.count_published()
            if published != seen:
                painter.draw_queued()
            seen = published

    thread = threading.Thread(target=work, name="painter")
    thread.start()
    try:
        yield painter
    finally:
        stopped.set()
        thread.join()
