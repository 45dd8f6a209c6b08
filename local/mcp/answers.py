"""What the tools answer beside the pictures, as data. Their JSON schemas are the tools' output schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from functions.contract.states import State
from functions.contract.verification import VerificationVerdict
from local.client.understanding import understanding_rows
from local.mcp.failures import describe_error
from local.mcp.resource_names import manifest_uri, picture_uri

Json = dict[str, Any]


class _Answer(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class ErrorAnswer(_Answer):
    """Why a job made no picture."""

    code: str
    """The error's stable name."""
    message: str
    """What went wrong."""
    remedy: str
    """What to do about it."""


class PictureAnswer(_Answer):
    """One picture of a job, or its clip."""

    resource: str
    """The resource with the whole file."""
    width: int
    height: int
    content_type: str


class VerificationAnswer(_Answer):
    """Whether a picture is this Plantain's, and whether it was changed."""

    ours: bool
    verdict: VerificationVerdict
    summary: str
    """The verdict as a sentence."""
    altered: str
    """`no`, `yes` or `unknown`."""
    confidence: float
    """How much of the watermark reads as it was written, from 0 to 1."""
    made_by_job: str | None = None
    """The job that made the picture, where it is one of yours."""


class JobAnswer(_Answer):
    """A job as the tools show it."""

    job_id: str
    state: State
    """`succeeded`, `failed`, `blocked`, `canceled` and `expired` are ends; the others are not."""
    progress: float
    """From 0 to 1."""
    stage: str | None = None
    """The stage of a running job."""
    model: str | None = None
    seed: int | None = None
    """The seed of the first picture."""
    images: tuple[PictureAnswer, ...] = ()
    """The pictures; of `generate_clip` the clip, and its first frame."""
    description: str | None = None
    """What was understood of the prompt, what was not, and how the picture was scored."""
    manifest: str | None = None
    """The resource that tells how the pictures were made. Only once the job has ended."""
    error: ErrorAnswer | None = None
    verification: VerificationAnswer | None = None
    """What was found about the picture of `verify_image`, once its job has succeeded."""


def job_answer(job: Json, manifest: Json | None = None) -> JobAnswer:
    """Returns the job of the API as the tools show it, with the manifest of one that has succeeded."""
    ended = State(job["state"]).is_terminal
    error = job.get("error")
    facts = manifest and manifest.get("verification")
    return JobAnswer(
        job_id=job["id"],
        state=job["state"],
        progress=job["progress"],
        stage=None if ended else job.get("stage"),
        model=job.get("model"),
        seed=job.get("seed"),
        images=tuple(
            PictureAnswer(
                resource=picture_uri(job["id"], picture_number(image)),
                width=image["width"],
                height=image["height"],
                content_type=image["content_type"],
            )
            for image in job["images"]
        ),
        description=_describe(manifest) if manifest else None,
        manifest=manifest_uri(job["id"]) if ended else None,
        error=ErrorAnswer(**describe_error(error["code"], error["message"])) if error else None,
        verification=_verification_answer(facts) if facts else None,
    )


def _describe(manifest: Json) -> str | None:
    """Returns what was understood, as sentences; None where there was no prompt."""
    rows = [f"{name.capitalize()}: {text.rstrip('.')}." for name, text in understanding_rows(manifest)]
    return " ".join(rows) or None


def picture_number(image: Json) -> int:
    """Returns the number of a job's picture: an expired one is not listed, and the others keep theirs."""
    return int(image["url"].rsplit("/", 1)[1])


def is_video(image: Json) -> bool:
    """Returns True for a clip that is no picture: an MP4."""
    return str(image["content_type"]).startswith("video/")


def _verification_answer(facts: Json) -> VerificationAnswer:
    """Returns what a job of the task ``verify`` has found as the tools show it."""
    shown = {name: facts[name] for name in ("ours", "verdict", "summary", "altered", "confidence")}
    return VerificationAnswer(made_by_job=facts.get("job_id"), **shown)
