"""Checkpoints: the drawn pictures, stored exactly, so that a later attempt resumes at the upscale."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from typing import Any

import numpy as np

from functions.contract import paths
from functions.contract.errors import NotFound
from functions.contract.intent_facts import IntentFacts
from functions.contract.manifest import AttemptFacts
from functions.contract.storage.bucket import Bucket
from worker.stages.work import PictureInProgress, Work
from worker.vision.protocol import Score

LAST_SAVED_STAGE = "correct"  # a checkpoint has the pictures after this stage


class Checkpoints:
    """The checkpoints in the jobs bucket."""

    def __init__(self, jobs: Bucket) -> None:
        self._jobs = jobs

    def save(self, work: Work) -> None:
        """Stores every drawn picture in float32, so that the resumed job makes the very same file."""
        for picture in work.pictures:
            name = paths.checkpoint_file(work.job_id, picture.n)
            self._jobs.put(name, _pack(picture, work), "application/zip")

    def restore(self, work: Work) -> Work:
        """Returns the work, with its pictures if an earlier attempt saved all of them."""
        pictures: list[PictureInProgress] = []
        for n in range(work.request.picture_count):
            try:
                found = self._jobs.get(paths.checkpoint_file(work.job_id, n))
                pictures.append(_unpack(n, found.data, work))
            except (NotFound, ValueError, KeyError, zipfile.BadZipFile):
                return work
        work.pictures, work.resumed_from = pictures, LAST_SAVED_STAGE
        return work


def _pack(picture: PictureInProgress, work: Work) -> bytes:
    facts = {
        "seed": picture.seed,
        "engine": work.engine,
        "revision": work.model_revision,
        "score": asdict(picture.score) if picture.score else None,
        "attempts": [attempt.model_dump() for attempt in picture.attempts],
        "intent": picture.intent.model_dump() if picture.intent else None,
        "prompt": work.intent.prompt if work.intent else None,
        "prompt_truncated": work.intent.prompt_truncated if work.intent else None,
    }
    buffer = io.BytesIO()
    np.savez(buffer, rgb=picture.rgb, facts=np.array(json.dumps(facts)))
    return buffer.getvalue()


def _unpack(n: int, data: bytes, work: Work) -> PictureInProgress:
    with np.load(io.BytesIO(data), allow_pickle=False) as saved:
        facts = json.loads(str(saved["facts"]))
        rgb = saved["rgb"]
    work.engine, work.model_revision = facts["engine"], facts["revision"]
    known = {name: facts[name] for name in ("prompt", "prompt_truncated") if facts.get(name)}
    if work.intent and known:  # they are known from the encoding, which is not repeated
        work.intent = work.intent.model_copy(update=known)
    attempts = [AttemptFacts.model_validate(attempt) for attempt in facts["attempts"]]
    intent = IntentFacts.model_validate(facts["intent"]) if facts["intent"] else None
    score = (
        Score(**{name: _as_tuple(value) for name, value in said.items()})
        if (said := facts.get("score"))
        else None
    )
    return PictureInProgress(n=n, seed=facts["seed"], rgb=rgb, attempts=attempts, intent=intent, score=score)


def _as_tuple(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value
