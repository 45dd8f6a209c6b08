"""The job lookup: from a watermark's payload to the job and to the file as it was delivered."""

from __future__ import annotations

import hashlib

import numpy as np

from functions.contract import ids
from functions.contract.errors import Deleted, ImageUnreadable, NotFound
from functions.contract.manifest import ImageFacts
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.watermark_index import WatermarkEntry, WatermarkIndex
from functions.contract.verification import VerificationFacts
from worker.pictures.decode import decode_picture
from worker.verification.examiner import Examination
from worker.verification.picture_origin import PictureOrigin
from worker.verification.verdict import conclude_verdict


class JobLookup:
    """Finds the job and the delivered file of a payload."""

    def __init__(self, committer: JobCommitter) -> None:
        self._committer = committer
        self._marks = WatermarkIndex(committer.store.bucket)

    def verdict_on(self, seen: Examination, asker: str, file: bytes, rgb: np.ndarray) -> VerificationFacts:
        """Returns the verdict on an examined picture, with its known origin. Raises Transient.

        Args:
            asker: the owner of the verifying job.
            file, rgb: the picture as bytes and as pixels, for the comparison with the delivered one.
        """
        return conclude_verdict(
            seen, self._find_origin(seen.payload, asker, file, rgb) if seen.payload else None
        )

    def _find_origin(self, payload: str, asker: str, file: bytes, rgb: np.ndarray) -> PictureOrigin | None:
        mark = self._marks.find(payload)
        if mark is None:
            return None
        try:
            manifest = self._committer.read_manifest(mark.job_id)
        except Deleted:
            return self._origin_of_deleted(mark, asker)
        if manifest is None or mark.n >= len(manifest.images):
            return PictureOrigin(mark.job_id, mark.n, is_askers=self._is_owner(mark.job_id, asker))
        image = manifest.images[mark.n]
        same_file = hashlib.sha256(file).hexdigest() == image.sha256
        return PictureOrigin(
            mark.job_id,
            mark.n,
            is_askers=manifest.origin.owner == asker,
            made=manifest.ended,
            same_file=same_file,
            same_pixels=same_file or self._has_same_pixels(image, rgb),
        )

    def _origin_of_deleted(self, mark: WatermarkEntry, asker: str) -> PictureOrigin:
        tombstone, _ = self._committer.store.read_tombstone(mark.job_id)
        is_askers = tombstone.owner_hash == ids.owner_hash(asker)
        return PictureOrigin(mark.job_id, mark.n, is_askers=is_askers, made=tombstone.ended, deleted=True)

    def _is_owner(self, job_id: str, asker: str) -> bool:
        try:
            return self._committer.store.read(job_id).record.owner == asker
        except NotFound:
            return False

    def _has_same_pixels(self, image: ImageFacts, rgb: np.ndarray) -> bool | None:
        """Returns True if the delivered picture has exactly these pixels, None if it is no longer stored."""
        try:
            delivered = decode_picture(self._committer.results.get(image.name).data).rgb
        except (NotFound, ImageUnreadable):
            return None
        return delivered.shape == rgb.shape and bool((delivered == rgb).all())
