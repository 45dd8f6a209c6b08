"""Frames: takes a clip's frames one by one to its file, and proves the mark in what the file shows.

Each frame is brought to the job's size, marked visibly if that is asked for, screened if it is one of the
sample, marked with the watermark, encoded, and dropped. The mark is as faint as is read from nine of ten
frames of the finished file: where it is not, the frames are decoded again, and marked more strongly.
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.contract import ids
from functions.contract.clips import DEFAULT_FPS, SAMPLED, ClipFacts
from functions.contract.errors import WatermarkFailed
from functions.contract.manifest import UpscaleFacts, WatermarkFacts
from worker.clips.clip_reader import sample_frames
from worker.clips.clip_writer import ClipWriter
from worker.engines.framing import shrink_to_preview
from worker.engines.protocol import Picture
from worker.stages.screen import screen_frame
from worker.stages.tools import EngineTools
from worker.stages.upscale import resize_to_fill
from worker.stages.visible_mark import draw_visible_mark
from worker.stages.watermark import SURVIVES
from worker.stages.work import ClipInProgress, PictureInProgress, Work
from worker.watermark.clip_proof import ClipProof, prove_clip
from worker.watermark.frame_marks import FrameMark, frame_marks, mark_frame
from worker.watermark.read_back import CLEARLY


def frames(work: Work, tools: EngineTools) -> Work:
    """Makes the clip's file, and a poster of its first frame, which is marked and signed as a picture is.

    Raises ImageBlocked, WatermarkFailed, OutOfMemory, EngineFailed, and what ``on_step`` raises.
    """
    first = next(_sized_frames(work))
    work.pictures = [PictureInProgress(n=1, seed=work.seed, rgb=first)]
    is_screened = False
    for mark in _marks_to_try(first, work, tools):
        data = _film(work, tools, mark, is_screened=is_screened)
        is_screened = True
        proof = prove_clip(sample_frames(data, SAMPLED), _payload(work), mark, tools.marker)
        if proof.reaches(tools.watermark_proof):
            work.clip = _clip_in_progress(work, tools, data, mark, proof)
            return work
    raise WatermarkFailed(
        "The watermark is not read from nine of ten frames of this clip "
        f"{SURVIVES[tools.watermark_proof]}: its texture drowns the mark. Ask for a larger size, or for "
        "another clip."
    )


def _sized_frames(work: Work) -> Iterator[Picture]:
    """Yields the frames at the job's size, with the visible mark if it is asked for."""
    assert work.drawn is not None  # noqa: S101 - an order of stages, not input
    for frame in work.drawn.frames():
        sized = resize_to_fill(frame, work.width, work.height)
        yield draw_visible_mark(sized) if work.request.visible_mark else sized


def _marks_to_try(first: Picture, work: Work, tools: EngineTools) -> list[FrameMark]:
    """Returns the marks from the faintest on that the first frame alone keeps clearly when it is shared.

    Where none is kept so well, returns those that it keeps as the service demands.
    """
    marks, kept = frame_marks(first), list[FrameMark]()
    for n, mark in enumerate(marks):
        with ClipWriter(work.request.format, work.width, work.height, _fps(work)) as file:
            file.write(mark_frame(first, _payload(work), mark, tools.marker))
            proof = prove_clip(sample_frames(file.finish(), 1), _payload(work), mark, tools.marker)
        if not proof.reaches(tools.watermark_proof):
            continue
        if proof.reaches("compressed") and proof.score >= CLEARLY:
            return marks[n:]
        kept.append(mark)
    return kept


def _film(work: Work, tools: EngineTools, mark: FrameMark, *, is_screened: bool) -> bytes:
    """Returns the clip's file with the mark, and screens the sampled frames."""
    total, fps = work.request.frame_count, _fps(work)
    with ClipWriter(work.request.format, work.width, work.height, fps) as file:
        for n, frame in enumerate(_sized_frames(work)):
            if not is_screened and (n % fps == 0 or n == total - 1):
                screen_frame(work, tools, n, frame)
            file.write(mark_frame(frame, _payload(work), mark, tools.marker))
            tools.on_step(n + 1, total, lambda shown=frame: shrink_to_preview(shown))
        return file.finish()


def _clip_in_progress(
    work: Work, tools: EngineTools, data: bytes, mark: FrameMark, proof: ClipProof
) -> ClipInProgress:
    assert work.encoded is not None  # noqa: S101 - as above
    fps, total, native = _fps(work), work.request.frame_count, (work.encoded.width, work.encoded.height)
    return ClipInProgress(
        seed=work.seed,
        facts=ClipFacts(
            seconds=total // fps,
            fps=fps,
            frames=total,
            codec="h264" if work.request.format == "mp4" else "webp",
            sampled=len(proof.frames),
            marked=proof.marked,
        ),
        watermark=WatermarkFacts(
            scheme=mark.scheme,
            payload=f"{_payload(work):016x}",
            key_version=tools.marker.version,
            score=round(proof.score, 4),
            survives=proof.survives,
            psnr=mark.psnr,
            proof=proof.level,
        ),
        data=data,
        upscale=None
        if native == (work.width, work.height)
        else UpscaleFacts(method="lanczos", from_width=native[0], from_height=native[1]),
    )


def _payload(work: Work) -> int:
    return ids.watermark_payload(work.job_id, 0)


def _fps(work: Work) -> int:
    return work.request.fps or DEFAULT_FPS
