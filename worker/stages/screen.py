"""Screen: applies the policy to the prompt before anything is drawn, and to input and drawn pictures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from functions.contract.errors import Blocked, ImageBlocked, PromptBlocked
from functions.policy import Screener, raise_if_blocked
from worker.screening.picture_preview import encode_for_classifier
from worker.stages.tools import AnyTools, IntakeTools
from worker.stages.work import Work

_AT_ONCE = 4  # pictures of one job that a classifier is asked about at the same time


def screen_request(work: Work, tools: IntakeTools) -> Work:
    """Screens the prompt again: the worker's policy and classifier may differ from those at admission.

    Raises PromptBlocked, which names the categories and never the words.
    """
    found = tools.screener.prompt(work.request.wanted, work.request.negative_prompt)
    work.verdicts += found
    raise_if_blocked(found, work.request.wanted, PromptBlocked)
    return work


def screen_inputs(work: Work, tools: AnyTools) -> Work:
    """Screens the inputs. Raises ImageBlocked for a picture that must not be worked on."""
    _record_verdicts(work, tools.screener, _numbered("input", work.images), work.images, ImageBlocked)
    return work


def screen_pictures(work: Work, tools: AnyTools) -> Work:
    """Screens the drawn pictures. Raises ImageBlocked if any must not leave, and then none of them leaves."""
    drawn = [picture.rgb for picture in work.pictures]
    _record_verdicts(work, tools.screener, _numbered("picture", drawn), drawn, ImageBlocked)
    return work


def _numbered(kind: str, pictures: Sequence[np.ndarray]) -> list[str]:
    return [f"{kind} {n}" for n in range(len(pictures))]


def screen_frame(work: Work, tools: AnyTools, n: int, frame: np.ndarray) -> None:
    """Screens frame ``n`` of the clip. Raises ImageBlocked, and then nothing of the clip leaves."""
    _record_verdicts(work, tools.screener, [f"frame {n}"], [frame], ImageBlocked)


def _record_verdicts(
    work: Work,
    screener: Screener,
    subjects: Sequence[str],
    pictures: Sequence[np.ndarray],
    error: type[Blocked],
) -> None:
    """Records a verdict for each picture. Without a classifier it says "not classified"."""
    if not pictures:
        return
    previews = [encode_for_classifier(picture) for picture in pictures]
    with ThreadPoolExecutor(min(_AT_ONCE, len(previews)), "screen") as pool:
        verdicts = list(pool.map(screener.picture, previews, subjects))
    work.verdicts += verdicts
    for jpeg, verdict in zip(previews, verdicts, strict=True):
        raise_if_blocked([verdict], jpeg, error)
