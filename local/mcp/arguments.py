"""The arguments of each tool. Their JSON schemas tell an agent what it may send."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.contract.clips import DEFAULT_FPS, DEFAULT_SECONDS, Fps, Seconds
from functions.contract.ids import JOB_ID
from functions.contract.request import (
    MAX_COUNT,
    MAX_IMAGES,
    MAX_SEED,
    MIN_STRENGTH,
    Format,
    Lettering,
    Prompt,
    RegionPrompt,
)
from functions.contract.request_fields import GsUri, ModelName, UploadId
from functions.contract.sizes import AspectRatio, Size

LONGEST_WAIT = 600
_LONGEST_KEY = 100


class ToolArguments(BaseModel):
    """What every tool's arguments have in common: a field that the tool does not know is refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class PictureSource(ToolArguments):
    """A picture: exactly one of the five ways to name it."""

    resource: Annotated[str, Field(max_length=200)] | None = None
    """A picture that Plantain made: `plantain://jobs/JOB_ID/images/N`."""
    data: Annotated[str, Field(max_length=28_000_000)] | None = Field(default=None, repr=False)
    """The file itself in base64, with or without a `data:` prefix. At most 20 MiB decoded."""
    uri: GsUri | None = None
    """An object in a bucket that the Plantain reads: `gs://BUCKET/NAME`."""
    upload: UploadId | None = None
    """The id of an upload."""
    file: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None
    """A file below the folder that the server was started with (`--root`)."""

    @model_validator(mode="after")
    def _names_one_picture(self) -> Self:
        if sum(given is not None for given in vars(self).values()) != 1:
            raise ValueError("give exactly one of resource, data, uri, upload and file")
        return self


class _MakingArguments(ToolArguments):
    negative_prompt: Prompt | None = None
    """What the picture must not show."""
    size: Size | None = None
    """The area: that of a square with 512, 1024, 2048 or 4096 pixels a side."""
    aspect_ratio: AspectRatio | None = None
    """Width to height."""
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)
    """The same seed and arguments give the same picture. Default: a random one."""
    model: ModelName | None = None
    """One of the Plantain's models. Default: its own choice."""
    idempotency_key: str | None = Field(default=None, pattern=r"^[!-~]+$", max_length=_LONGEST_KEY)
    """A text of your choice that makes a repeat safe: the same key and arguments find the first job. Give
    another key, or none, for another picture."""
    wait_seconds: int | None = Field(default=None, ge=0, le=LONGEST_WAIT)
    """How long to wait for the result before the job's id is returned. Default: the server's own limit."""


class _DrawingArguments(_MakingArguments):
    count: int = Field(default=1, ge=1, le=MAX_COUNT)
    """How many pictures to make."""
    format: Format = "png"
    """The file format."""
    lettering: Lettering = "auto"
    """Who writes the words that the prompt has in quotation marks: the `model`, a typesetter (`typeset`), or
    neither (`none`). `auto`: the model if it can, and the typesetter where its words are wrong."""


class GenerateArguments(_DrawingArguments):
    """What ``generate_image`` takes."""

    prompt: Prompt
    """What the picture shows, in words."""
    references: tuple[PictureSource, ...] = Field(default=(), max_length=MAX_IMAGES)
    """Pictures to take subjects or a style from."""


class EditArguments(_DrawingArguments):
    """What ``edit_image`` takes."""

    image: PictureSource
    """The picture to change."""
    prompt: Prompt
    """What to change, in words."""
    mask: PictureSource | None = None
    """A picture of the same size: white may change, black stays."""
    region_prompt: RegionPrompt | None = None
    """The part that may change, by its name: `the red boat`."""
    references: tuple[PictureSource, ...] = Field(default=(), max_length=MAX_IMAGES - 1)
    """Further pictures to take subjects or a style from."""
    strength: float | None = Field(default=None, ge=MIN_STRENGTH, le=1)
    """How much may change, from 0.01 to 1."""
    allow_outside_domain: bool = False
    """Change the whole of a picture although the model was not made for pictures of its kind."""


class ClipArguments(_MakingArguments):
    """What ``generate_clip`` takes."""

    prompt: Prompt
    """What happens, in words."""
    image: PictureSource | None = None
    """The picture with which the clip begins."""
    seconds: Seconds = DEFAULT_SECONDS
    """How long the clip is."""
    fps: Fps = DEFAULT_FPS
    """Frames in a second."""
    format: Literal["mp4", "webp"] = "mp4"
    """The file format: MP4 (H.264), or an animated WebP."""


class JobArguments(ToolArguments):
    """What ``get_image_job`` takes."""

    job_id: str = Field(pattern=JOB_ID.pattern.replace(r"\Z", "$"))
    """The id of a job, as another tool returned it."""
    wait_seconds: int = Field(default=0, ge=0, le=LONGEST_WAIT)
    """How long to wait for the job's end. 0: answer at once."""


class VerifyArguments(ToolArguments):
    """What ``verify_image`` takes."""

    image: PictureSource
    """The picture to look at."""
