"""The manifest: how a job ended, and its record again from it alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import ErrorFacts
from functions.contract.intent_facts import IntentFacts
from functions.contract.job import JobRecord
from functions.contract.manifest import (
    AttemptFacts,
    ImageFacts,
    Manifest,
    ScreeningResult,
    StageFacts,
    UpscaleFacts,
    WatermarkFacts,
)
from functions.contract.states import TERMINAL, State

# What a record shows while it lives and its manifest has no need of.
PASSING = {"stage", "step", "steps", "preview", "lease", "refused", "nonce", "updated", "history", "progress"}


@pytest.fixture
def image(record: JobRecord) -> ImageFacts:
    return ImageFacts(
        name=paths.result_picture(record.id, 0, "png"),
        width=512,
        height=512,
        bit_depth=8,
        content_type="image/png",
        bytes=1_000,
        sha256="0" * 64,
        seed=7,
        upscale=UpscaleFacts(method="lanczos", from_width=256, from_height=256),
        attempts=(AttemptFacts(seed=7, score=0.9, reasons=("red",), chosen=True),),
        outside_mask_difference=0.0,
        watermark=WatermarkFacts(
            scheme="plantain-1", payload="0" * 16, key_version=1, score=0.8, survives=("jpeg-75",)
        ),
    )


def test_a_manifest_survives_the_wire(record: JobRecord, image: ImageFacts) -> None:
    manifest = Manifest.of(
        record,
        State.SUCCEEDED,
        now(),
        images=(image,),
        stages=(StageFacts(name="diffuse", seconds=0.25),),
        intent=IntentFacts(by="rules", prompt="a red boat", subjects=("boat",), colours=("red",), count=1),
        safety=(ScreeningResult(subject="prompt", verdict="allow", policy_version="1"),),
        cold_start_ms=900,
        timings={"claimed": now()},
    )
    assert Manifest.parse(manifest.encode()) == manifest


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_the_manifest_alone_rebuilds_the_record(
    make_record: Callable[..., JobRecord], image: ImageFacts, state: State
) -> None:
    record = make_record(source="gs://uploads/a.png", traceparent="00-aa-bb-01").claimed("worker-1", 30)
    error = None if state is State.SUCCEEDED else ErrorFacts(code="canceled", message="Canceled.")
    images = (image,) if state is State.SUCCEEDED else ()
    manifest = Manifest.of(record, state, now(), error=error, images=images)

    rebuilt = Manifest.parse(manifest.encode()).record()

    ended = record.moved(
        state, ended=manifest.ended, error=error, images=tuple(image.name for image in images)
    )
    assert rebuilt.model_dump(exclude=PASSING) == ended.model_dump(exclude=PASSING)
    assert rebuilt.updated == manifest.ended
    assert [step.state for step in rebuilt.history] == [step.state for step in ended.history]
    assert JobRecord.parse(rebuilt.encode()) == rebuilt


def test_every_field_of_a_record_is_rebuilt_or_passing(record: JobRecord) -> None:
    kept = {"id", "owner", "request", "request_sha256", "model", "width", "height", "seed", "source"}
    kept |= {"traceparent", "state", "created", "deadline", "ended", "attempt", "error", "images", "version"}
    assert set(JobRecord.model_fields) == kept | PASSING


def test_a_job_has_one_event_id_at_every_end(record: JobRecord) -> None:
    first = Manifest.of(record, State.SUCCEEDED, now())
    second = Manifest.of(record.claimed("worker-2", 30), State.FAILED, now())
    assert first.event_id == second.event_id == ids.event_id(record.id)
