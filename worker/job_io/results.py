"""A job's results: the pictures, then the manifest. The worker that writes it first has ended the job."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from functions.contract import paths
from functions.contract.document import Instant, now
from functions.contract.errors import NotFound, Overtaken
from functions.contract.formats import CONTENT_TYPES
from functions.contract.manifest import FittedFacts, ImageFacts, Manifest, WatermarkFacts
from functions.contract.states import State
from functions.contract.storage.bucket import NEW, Bucket, ObjectData
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_pace import note_pace
from functions.contract.storage.watermark_index import WatermarkEntry, WatermarkIndex
from functions.contract.telemetry import traceparent
from worker.credentials.earlier_attempt import credentials_if_equivalent
from worker.leases.lease import HeldLease
from worker.stages.work import ClipInProgress, PictureInProgress, Work

_PACE_EVERY = 20.0  # seconds
_THREADS = 3  # for marks and for looks at records: as many as jobs are finished at once
_Result = PictureInProgress | ClipInProgress


class ResultWriter:
    """Commits finished work: exactly one manifest, and one set of pictures that it names."""

    def __init__(self, committer: JobCommitter, jobs: Bucket) -> None:
        self._committer = committer
        self._results = committer.results
        self._marks = WatermarkIndex(jobs)
        self._jobs = jobs
        self._next_pace = 0.0
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="results")

    def begin_confirming(self, lease: HeldLease) -> Future[None]:
        """Begins to read the job's record again, while its caller still works on the job. ``commit`` takes
        the outcome.
        """
        return self._threads.submit(lease.confirm)

    def commit(
        self,
        work: Work,
        lease: HeldLease,
        timings: dict[str, Instant],
        *,
        has_checkpoints: bool,
        confirming: Future[None] | None = None,
        **facts: object,
    ) -> Manifest:
        """Returns the job's manifest: ours, or that of another worker that finished first.

        ``confirming`` is what ``begin_confirming`` returned; without it the record is read first. Removes the
        job's checkpoints if it has any. Raises Canceled, DeadlineExceeded or LeaseLost before the
        manifest is written.
        """
        (confirming or self.begin_confirming(lease)).result()
        images = self._write_results(work, lease)
        ours = Manifest.of(
            lease.record,
            State.SUCCEEDED,
            now(),
            traceparent(),
            images=images,
            stages=work.stages,
            intent=work.intent,
            region=work.region,
            fitted=_fitted_facts(work),
            suggestions=tuple(work.suggestions),
            suggestions_by=work.suggestions_by,
            verification=work.verification,
            safety=work.verdicts,
            engine=work.engine,
            device=work.device,
            model_revision=work.model_revision,
            resumed_from=work.resumed_from,
            timings=timings,
            **facts,
        )
        lease.raise_if_stopped()
        standing = self._committer.commit(ours)
        lease.stop_renewing()
        if has_checkpoints or work.attempt > 1 or standing != ours:
            self._committer.remove_unnamed_results(standing)
        self._committer.settle(standing, lease.stored)
        self._note_pace(work)
        return standing

    def _note_pace(self, work: Work) -> None:
        """Records how long the job took, now and then: many workers write the same object."""
        if work.resumed_from is not None or time.monotonic() < self._next_pace:
            return
        self._next_pace = time.monotonic() + _PACE_EVERY
        seconds = sum(stage.seconds for stage in work.stages)
        pixels, pictures = work.width * work.height, work.request.frame_count or work.request.picture_count
        note_pace(self._jobs, work.model, work.request.task, pixels, pictures, seconds)

    def _write_results(self, work: Work, lease: HeldLease) -> list[ImageFacts]:
        """Writes the files and, at the same time, their marks. When it returns or raises, no write runs."""
        marks = [self._threads.submit(self._write_mark, *each, work) for each in _watermarks(work)]
        try:
            images = [self._write_clip(work.clip, work, lease)] if work.clip else []
            images += [self._write_picture(picture, work, lease) for picture in work.pictures]
        finally:
            wait(marks)
        for mark in marks:
            mark.result()
        return images

    def _write_clip(self, clip: ClipInProgress, work: Work, lease: HeldLease) -> ImageFacts:
        """Writes the clip, which is the job's result 0."""
        name = self._write_file(clip, 0, work.request.format, work, lease)
        return ImageFacts(
            name=name,
            **_file_facts(clip, work.request.format, work),
            clip=clip.facts,
            upscale=clip.upscale,
        )

    def _write_picture(self, picture: PictureInProgress, work: Work, lease: HeldLease) -> ImageFacts:
        format = work.request.picture_format
        name = self._write_file(picture, picture.n, format, work, lease)
        return ImageFacts(
            name=name,
            **_file_facts(picture, format, work),
            quality=picture.quality,
            upscale=picture.upscale,
            attempts=tuple(picture.attempts),
            lettering=tuple(picture.lettering),
            intent=picture.intent,
            outside_mask_difference=picture.outside_mask_difference,
        )

    def _write_mark(self, watermark: WatermarkFacts, n: int, work: Work) -> None:
        mark = WatermarkEntry(job_id=work.job_id, n=n, key_version=watermark.key_version)
        self._marks.write(watermark.payload, mark)

    def _write_file(self, result: _Result, n: int, format: str, work: Work, lease: HeldLease) -> str:
        """Writes the result's file, and never over another. Returns its name.

        A worker that finds another's file uses it if it is whole and shows the very same (see
        ``worker.credentials.earlier_attempt``), and else writes its own under a name with its lease's token.
        """
        name, content_type = paths.result_picture(work.job_id, n, format), CONTENT_TYPES[format]
        try:
            self._results.put(name, result.data, content_type, if_generation=NEW)
            return name
        except Overtaken:
            earlier = self._read_earlier(name)
        if earlier and _use_earlier(earlier.data, result, content_type):
            return name
        # Not over the other file: the worker that wrote it may still commit, and its manifest has its hash.
        lease.confirm()
        name = paths.late_result_picture(work.job_id, n, format, lease.token)
        self._results.put(name, result.data, content_type)
        return name

    def _read_earlier(self, name: str) -> ObjectData | None:
        try:
            return self._results.get(name)
        except NotFound:
            return None


def _watermarks(work: Work) -> list[tuple[WatermarkFacts, int]]:
    """Returns the watermark of each result that has one, and the result's number."""
    if work.clip is not None:
        return [(work.clip.watermark, 0)]
    return [(picture.watermark, picture.n) for picture in work.pictures if picture.watermark]


def _fitted_facts(work: Work) -> FittedFacts | None:
    """Returns the input's size if no size was asked for and the input's own could not be delivered."""
    request, own = work.request, work.source_size
    if own is None or request.size or request.width:
        return None
    is_edited = request.task == "edit" and not request.aspect_ratio and own != (work.width, work.height)
    # An outpaint is at least as large as its picture, unless that could not be delivered.
    is_shrunk = request.task == "outpaint" and (own[0] > work.width or own[1] > work.height)
    return FittedFacts(from_width=own[0], from_height=own[1]) if is_edited or is_shrunk else None


def _file_facts(result: _Result, format: str, work: Work) -> dict[str, Any]:
    """Returns the facts that each result has."""
    return {
        "width": work.width,
        "height": work.height,
        "bit_depth": work.request.bit_depth,
        "content_type": CONTENT_TYPES[format],
        "bytes": len(result.data),
        "sha256": hashlib.sha256(result.data).hexdigest(),
        "seed": result.seed,
        "watermark": result.watermark,
        "content_credentials": "signed" if result.credentials else "unsigned",
        "credentials": result.credentials,
    }


def _use_earlier(earlier: bytes, result: _Result, content_type: str) -> bool:
    """Makes the file of another attempt the result's own if it is as good. Returns True if it is."""
    if result.credentials is None:
        return earlier == result.data
    standing = credentials_if_equivalent(earlier, result.data, content_type)
    if standing is None:
        return False
    result.data, result.credentials = earlier, standing
    return True
