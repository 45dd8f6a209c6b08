"""Builds the examiner from the settings: with all known watermark keys and trusted roots."""

from __future__ import annotations

from worker.credentials.build_sealer import build_trust_anchors
from worker.settings import WorkerSettings
from worker.verification.examiner import Examiner
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import KeyMissing, known_watermark_keys


def build_examiner(settings: WorkerSettings) -> Examiner:
    """Returns an examiner with all known keys. Creates no key, because a new key reads nothing.

    Raises KeyMissing if no key is known, and ValueError for invalid keys and certificates.
    """
    keys = known_watermark_keys(settings)
    if not keys:
        raise KeyMissing(
            "No watermark key is known here: set PLANTAIN_WATERMARK_KEY, or name the data directory of the "
            "stack that made the pictures."
        )
    markers = [Watermarker(key, version) for version, key in keys.items()]
    return Examiner(markers, build_trust_anchors(settings))
