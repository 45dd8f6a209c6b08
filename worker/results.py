"""Results: the pictures, then the manifest. Whoever writes the manifest first has done the job."""

from __future__ import annotations

import hashlib
import json

from functions.contract import paths
from functions.contract.document import Instant, now
from functions.contract.ending import Endings
from functions.contract.errors import NotFound, Overtaken
from functions.contract.manifest import ImageFacts, Manifest
from functions.contract.objects import NEW, Objects
from functions.contract.request import CONTENT_TYPES
from functions.contract.states import State
from worker.stages.work import PictureInProgress, Work
from worker.tenure import Tenure


class Results:
    """Commits a finished work: exactly one manifest, and one set of pictures that it names."""

    def __init__(self, endings: Endings, jobs: Objects) -> None:
        self._endings = endings
        self._results = endings.results
        self._jobs = jobs

    def deliver(
        self, work: Work, tenure: Tenure, timings: dict[str, Instant], *, kept: bool, **facts: object
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
            images=images,
            stages=work.stages,
            intent=work.intent,
            safety=work.verdicts,
            engine=work.engine,
            model_revision=work.model_revision,
            resumed_from=work.resumed_from,
            timings=timings,
            **facts,
        )
        tenure.check()
        standing = self._endings.commit(ours)
        tenure.end()
        if kept or work.attempt > 1 or standing != ours:
            self._endings.tidy(standing)
        self._endings.settle(standing, tenure.stored)
        return standing

    def _put(self, picture: PictureInProgress, work: Work, tenure: Tenure) -> ImageFacts:
        name = paths.result(work.job_id, picture.n, work.request.format)
        content_type = CONTENT_TYPES[work.request.format]
        self._put_fenced(name, picture.data, content_type, tenure)
        if picture.watermark:
            mark = json.dumps(
                {"job_id": work.job_id, "n": picture.n, "key_version": picture.watermark.key_version}
            )
            self._jobs.put_once(paths.mark(picture.watermark.payload), mark.encode())
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
            outside_mask_difference=picture.outside_mask_difference,
            watermark=picture.watermark,
        )

    def _put_fenced(self, name: str, data: bytes, content_type: str, tenure: Tenure) -> None:
        """Writes over what an earlier attempt left, but never over what a later one wrote.

        The generation is read before the lease is confirmed: if the lease still holds then, whoever takes
        over writes after it, and the precondition keeps our late write out.
        """
        expected = NEW
        while True:
            try:
                self._results.put(name, data, content_type, if_generation=expected)
                return
            except Overtaken:
                expected = self._generation(name)
                tenure.confirm()

    def _generation(self, name: str) -> int:
        try:
            return self._results.stat(name).generation
        except NotFound:
            return NEW
