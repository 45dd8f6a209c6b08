"""Screen: the policy's word on the prompt before anything is drawn, and on pictures as they come and go."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from functions.contract.errors import Blocked, ImageBlocked, PromptBlocked
from functions.policy import Screener, raise_if_blocked
from worker.screening.picture_preview import as_jpeg
from worker.stages.work import EngineTools, IntakeTools, Work

_AT_ONCE = 4  # pictures of one job, where a service is asked


def screen_request(work: Work, tools: IntakeTools) -> Work:
    """Once more what the door has screened: by the worker's own policy and classifier, which may be others.

    Raises PromptBlocked, which names the categories and never the words.
    """
    found = tools.screener.prompt(work.request.wanted, work.request.negative_prompt)
    work.verdicts += found
    raise_if_blocked(found, work.request.wanted, PromptBlocked)
    return work


def screen_inputs(work: Work, tools: EngineTools) -> Work:
    """Raises ImageBlocked before anything is made of a picture that must not be worked on."""
    _screen(work, tools.screener, "input", work.images, ImageBlocked)
    return work


def screen_pictures(work: Work, tools: EngineTools) -> Work:
    """Raises ImageBlocked: a picture that must not leave takes the others of its job with it."""
    _screen(work, tools.screener, "picture", [picture.rgb for picture in work.pictures], ImageBlocked)
    return work


def _screen(
    work: Work, screener: Screener, kind: str, pictures: Sequence[np.ndarray], error: type[Blocked]
) -> None:
    """Without a classifier the verdict says that there was none, rather than that all is well."""
    if not pictures:
        return
    seen = [as_jpeg(picture) for picture in pictures]
    subjects = [f"{kind} {n}" for n in range(len(seen))]
    with ThreadPoolExecutor(min(_AT_ONCE, len(seen)), "screen") as pool:
        verdicts = list(pool.map(screener.picture, seen, subjects))
    work.verdicts += verdicts
    for jpeg, verdict in zip(seen, verdicts, strict=True):
        raise_if_blocked([verdict], jpeg, error)
