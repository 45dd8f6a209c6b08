"""The proof of a clip's mark: what is read from frames of the finished file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from functions.contract.manifest import ProofLevel
from worker.pictures.pixel_levels import Floats
from worker.watermark.frame_marks import FrameMark, read_frame
from worker.watermark.read_back import ReadBack
from worker.watermark.watermarker import Watermarker

ENOUGH = 0.9  # the share of the frames from which a clip's mark must be read


@dataclass(frozen=True)
class ClipProof:
    """The proofs of the frames that were looked at."""

    frames: tuple[ReadBack, ...]

    @property
    def marked(self) -> int:
        """The number of frames from which the mark is read."""
        return sum(proof.exact for proof in self.frames)

    @property
    def score(self) -> float:
        """The mean score, 0–1."""
        return sum(proof.score for proof in self.frames) / len(self.frames)

    @property
    def level(self) -> ProofLevel | None:
        """The best level that enough frames reach."""
        levels: tuple[ProofLevel, ...] = ("robust", "compressed", "exact")
        return next((level for level in levels if self.reaches(level)), None)

    @property
    def survives(self) -> tuple[str, ...]:
        """The changes after which the mark is still read from enough frames."""
        names = dict.fromkeys(name for proof in self.frames for name in proof.survives)
        return tuple(
            name for name in names if self._is_enough(name in proof.survives for proof in self.frames)
        )

    def reaches(self, least: ProofLevel) -> bool:
        return self._is_enough(proof.reaches(least) for proof in self.frames)

    def _is_enough(self, found: Iterable[bool]) -> bool:
        return sum(found) >= ENOUGH * len(self.frames)


def prove_clip(frames: Iterable[Floats], payload: int, mark: FrameMark, marker: Watermarker) -> ClipProof:
    """Reads ``payload`` from each of the frames, as they are and as they will be after they were shared."""
    return ClipProof(tuple(read_frame(frame, payload, mark, marker) for frame in frames))
