"""Results: the pictures, then the manifest. Whoever writes the manifest first has done the job."""

from __future__ import annotations

import hashlib
import time

from functions.contract import paths
from functions.contract.document import Instant, now
from functions.contract.errors import NotFound, Overtaken
from functions.contract.manifest import FittedFacts, ImageFacts, Manifest
from functions.contract.request import CONTENT_TYPES
from functions.contract.states import State
from functions.contract.storage.bucket import NEW, Bucket, ObjectData
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_pace import note_pace
from functions.contract.storage.watermark_index import WatermarkEntry, WatermarkIndex
from functions.contract.telemetry import traceparent
from worker.credentials.earlier_attempt import stands_for
from worker.leases.lease import HeldLease
from worker.stages.work import PictureInProgress, Work

_PACE_EVERY = 20.0  # seconds


class ResultWriter:
    """Commits a finished work: exactly one manifest, and one set of pictures that it names."""

    def __init__(self, committer: JobCommitter, jobs: Bucket) -> None:
        self._committer = committer
        self._results = committer.results
        self._marks = WatermarkIndex(jobs)
        self._jobs = jobs
        self._next_pace = 0.0

    def deliver(
        self, work: Work, tenure: HeldLease, timings: dict[str, Instant], *, kept: bool, **facts: object
    ) -> Manifest:
        """The manifest that stands: ours, or that of somebody who finished first.

        ``kept``: whether there are checkpoints to remove. Raises Canceled, DeadlineExceeded or LeaseLost
        before the manifest is written.
        """
        tenure.confirm()
        images = [self._put(picture, work, tenure) for picture in work.pictures]
        ours = Manifest.of(
            tenure.record,
            State.SUCCEEDED,
            now(),
            traceparent(),
            images=images,
            stages=work.stages,
            intent=work.intent,
            region=work.region,
            fitted=_fitted(work),
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
        tenure.check()
        standing = self._committer.commit(ours)
        tenure.end()
        if kept or work.attempt > 1 or standing != ours:
            self._committer.remove_unnamed_results(standing)
        self._committer.settle(standing, tenure.stored)
        self._note_pace(work)
        return standing

    def _note_pace(self, work: Work) -> None:
        """Measures whole jobs, and not each: many workers share the object of a model."""
        if work.resumed_from is not None or time.monotonic() < self._next_pace:
            return
        self._next_pace = time.monotonic() + _PACE_EVERY
        seconds = sum(stage.seconds for stage in work.stages)
        pixels, pictures = work.width * work.height, work.request.picture_count
        note_pace(self._jobs, work.model, work.request.task, pixels, pictures, seconds)

    def _put(self, picture: PictureInProgress, work: Work, tenure: HeldLease) -> ImageFacts:
        content_type = CONTENT_TYPES[work.request.format]
        name = self._put_once(picture, work, content_type, tenure)
        if picture.watermark:
            mark = WatermarkEntry(job_id=work.job_id, n=picture.n, key_version=picture.watermark.key_version)
            self._marks.write(picture.watermark.payload, mark)
        return ImageFacts(
            name=name,
            width=work.width,
            height=work.height,
            bit_depth=work.request.bit_depth,
            content_type=content_type,
            bytes=len(picture.data),
            sha256=hashlib.sha256(picture.data).hexdigest(),
            seed=picture.seed,
            upscale=picture.upscale,
            attempts=tuple(picture.attempts),
            intent=picture.intent,
            outside_mask_difference=picture.outside_mask_difference,
            watermark=picture.watermark,
            content_credentials="signed" if picture.credentials else "unsigned",
            credentials=picture.credentials,
        )

    def _put_once(self, picture: PictureInProgress, work: Work, content_type: str, tenure: HeldLease) -> str:
        """Writes the picture's file and returns its name. No file is ever written over.

        A worker that was thought lost may still commit, and its manifest has the hash of the file that it
        wrote itself. So a worker that finds another's file writes beside it, under a name with its lease's
        token. A file of the very same picture, signed and whole, is used: see
        ``worker.credentials.earlier_attempt``.
        """
        name = paths.result_picture(work.job_id, picture.n, work.request.format)
        try:
            self._results.put(name, picture.data, content_type, if_generation=NEW)
            return name
        except Overtaken:
            left = self._left(name)
        if left and _keep(left.data, picture, content_type):
            return name
        tenure.confirm()
        token = tenure.lease.token
        name = paths.late_result_picture(work.job_id, picture.n, work.request.format, token)
        self._results.put(name, picture.data, content_type)
        return name

    def _left(self, name: str) -> ObjectData | None:
        try:
            return self._results.get(name)
        except NotFound:
            return None


def _fitted(work: Work) -> FittedFacts | None:
    """What became of a picture that named no size, and has none that can be delivered."""
    request, own = work.request, work.source_size
    if own is None or request.size:
        return None
    is_edited = request.task == "edit" and not request.aspect_ratio and own != (work.width, work.height)
    # A frame around a picture is at least as large as the picture, unless it could not be delivered so.
    is_shrunk = request.task == "outpaint" and (own[0] > work.width or own[1] > work.height)
    return FittedFacts(from_width=own[0], from_height=own[1]) if is_edited or is_shrunk else None


def _keep(left: bytes, picture: PictureInProgress, content_type: str) -> bool:
    """Takes what another attempt left for the picture's file, if it is as good as ours."""
    if picture.credentials is None:
        return left == picture.data
    standing = stands_for(left, picture.data, content_type)
    if standing is None:
        return False
    picture.data, picture.credentials = left, standing
    return True
