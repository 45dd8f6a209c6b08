"""The request of a job: the body of ``POST /v1/jobs`` and the shape inside every record."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PrivateAttr,
    Strict,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from .clips import DEFAULT_FPS, DEFAULT_SECONDS, Fps, Seconds, with_clip_format
from .document import DocumentPart
from .formats import CLIP_FORMATS, Format
from .prompts import Prompt, RegionPrompt
from .region import Region, Unit
from .request_fields import (
    AT_LEAST_ONE,
    BitDepth,
    GsUri,
    LabelKey,
    LabelValue,
    ModelName,
    PixelSide,
    UploadId,
    Url,
)
from .sizes import AspectRatio, Size
from .tasks import NEED_A_PROMPT, NEED_ONE_IMAGE, OF_A_TASK, TAKES, WITHOUT_DRAWING, WITHOUT_PICTURES, Task

MAX_WORDING = 96_000  # characters of all prompts of a request: screening them takes up to 2.6 s
MAX_IMAGES = 16
MAX_COUNT = 10
MIN_SEQUENCE = 2
MAX_SEED = 2**32 - 1
MAX_STEPS = 100
MIN_STRENGTH = 1 / MAX_STEPS
"""One step of the most that there are: a model takes this share of its steps, and less changes nothing."""

Lettering = Literal["auto", "model", "typeset", "none"]
EventType = Literal["job.succeeded", "job.failed", "job.blocked", "job.canceled", "job.expired"]


class ImageInput(DocumentPart, use_attribute_docstrings=True):
    """A picture: exactly one of an object's name, an upload's id, or the bytes themselves."""

    uri: GsUri | None = None
    """The name of an object in Cloud Storage, `gs://BUCKET/NAME`, in a bucket that this deployment reads."""
    generation: StrictInt | None = Field(default=None, ge=1, le=2**63 - 1)
    """The generation of the object that `uri` names. Default: the newest one when the request arrives."""
    upload: UploadId | None = None
    """The id that `POST /v1/uploads` gave for the file."""
    data: Annotated[str, StringConstraints(max_length=28_000_000)] | None = Field(default=None, repr=False)
    """The file itself in base64: padded, without line breaks and without a `data:` prefix. At most 20 MiB
    decoded."""

    _has_counted: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(source is not None for source in (self.uri, self.upload, self.data)) != 1:
            raise ValueError("give exactly one of uri, upload and data")
        if self.generation is not None and self.uri is None:
            raise ValueError("generation belongs to a uri")
        return self

    @property
    def has_counted(self) -> bool:
        """Returns True for the bytes of a file that counted to its owner's day as it was stored."""
        return self._has_counted

    def as_counted(self) -> Self:
        """Returns the same picture, whose bytes have counted."""
        counted = self.model_copy()
        counted._has_counted = True
        return counted


class Correction(DocumentPart, use_attribute_docstrings=True):
    """The number of drawings that a picture may take, and the score (0–1) that ends the search."""

    attempts: StrictInt = Field(default=2, ge=1, le=8)
    """How many drawings each picture may take, the first one included. Default: 2, but 1 with a model whose
    every drawing is paid for (Gemini's): there a second one is yours to ask for."""
    threshold: Unit = 0.6
    """The critic's score, from 0 (nothing of the prompt) to 1 (all of it), that is good enough."""


class Webhook(DocumentPart, use_attribute_docstrings=True):
    """The webhook to which the job's end is announced. ``events`` None means all of them."""

    url: Url
    """The address that is called with POST: https, with a public host name or address. On a laptop it may be
    http to the machine itself."""
    events: Annotated[tuple[EventType, ...], AT_LEAST_ONE] | None = None
    """The ends of the job that are reported. Default: all of them."""


class JobRequest(DocumentPart, use_attribute_docstrings=True):
    """One job. A field that the task does not use is refused, not ignored."""

    task: Task
    """What to do. Each task takes the fields that the table of tasks lists for it."""
    prompt: Prompt | None = None
    """What the picture shows (generate), what to change (edit), what lies around it (outpaint), what all
    pictures share (sequence) or what happens (animate), in words. Leading and trailing spaces are
    removed."""
    negative_prompt: Prompt | None = None
    """What the picture must not show, in words."""
    prompts: tuple[Prompt, ...] = Field(fail_fast=True, default=(), max_length=MAX_COUNT)
    """One prompt for each picture of a sequence, at least 2."""
    images: tuple[ImageInput, ...] = Field(fail_fast=True, default=(), max_length=MAX_IMAGES)
    """The pictures to work from. The first one is changed, continued, enlarged or looked at, or begins a
    clip; the others, and all of generate and sequence, are references."""
    mask: ImageInput | None = None
    """A picture of the first image's size that marks where an edit may change it: white may change, black
    stays. With an alpha channel, opaque may change and transparent stays."""
    region: Region | None = None
    """Where an edit may change the first image: a box or a polygon of at least 16 pixels of the result."""
    region_prompt: RegionPrompt | None = None
    """Where an edit may change the first image, by name: `the red boat`."""
    count: StrictInt = Field(default=1, ge=1, le=MAX_COUNT)
    """How many pictures to make of the one request."""
    size: Size | None = None
    """The area of the picture: that of a square with 512, 1024, 2048 or 4096 pixels a side; for a clip 512 or
    1K. Default: 1K (generate, sequence, animate), or the first image's own size (edit, outpaint). An
    upscale needs it, or `width` and `height`."""
    aspect_ratio: AspectRatio | None = None
    """Width to height. Default: 1:1 (generate, sequence), 16:9 (animate), or the first image's own (edit,
    animate). An outpaint needs it, or `width` and `height`."""
    width: PixelSide | None = None
    """The exact width in pixels, a multiple of 16, together with `height` and in place of `size` and
    `aspect_ratio`. One side may be at most 8 times the other. An upscale keeps the picture's shape."""
    height: PixelSide | None = None
    """The exact height in pixels, as `width`."""
    seed: StrictInt | None = Field(default=None, ge=0, le=MAX_SEED)
    """The number that the random noise starts from: the same seed and request give the same picture, where
    the model can repeat one. Default: a random one, which the answer tells."""
    steps: StrictInt | None = Field(default=None, ge=1, le=MAX_STEPS)
    """How many denoising steps a drawing takes. Default: the model's own."""
    guidance: Annotated[float, Strict()] | None = Field(default=None, ge=0, le=30)
    """The guidance scale: how closely to follow the prompt. Default: the model's own."""
    strength: Annotated[float, Strict()] | None = Field(default=None, ge=MIN_STRENGTH, le=1)
    """How much of the first image an edit may change, from 0.01 (hardly anything) to 1 (everything). Default:
    the model's own."""
    allow_outside_domain: StrictBool = False
    """Whether a model may change a whole picture that is far from what it was made for, such as a photograph
    by a model of illustrations. Else the job fails with `outside_model_domain`."""
    seconds: Seconds | None = None
    """How long a clip is. Default: 4."""
    fps: Fps | None = None
    """The frames of a clip in a second. A model that draws another number has its frames repeated or left
    out. Default: 24."""
    format: Format = "png"
    """The file format of the pictures, or of a clip: `mp4` (H.264) or `webp` (animated). Default: `png`, or
    `mp4` for a clip."""
    bit_depth: BitDepth = 8
    """Bits for each colour channel; 16 needs `png`."""
    quality: StrictInt | None = Field(default=None, ge=1, le=100)
    """How much of the picture a file of `jpeg`, `webp` or `avif` keeps, from 1 (little, a small file) to 100.
    Default: 92 for `jpeg`, 90 for `webp`, 80 for `avif`. A file that would lose the watermark gets the least
    quality that keeps it, and the manifest says which."""
    correction: Correction = Correction()
    """Whether a drawing that misses the prompt is mended or drawn again."""
    lettering: Lettering = "auto"
    """Who writes the words that the prompt has in quotation marks: the `model`; a typesetter with real fonts
    (`typeset`); or neither, and they are not looked for (`none`). `auto`: the model if it can write, and the
    typesetter where it cannot or where its words are wrong in the end."""
    lettering_region: Region | None = None
    """Where words are typeset: a box, or a polygon; one with four corners, from the upper left on, is a
    surface in perspective. At least 8 pixels wide and high. Default: the surface that the prompt names, or a
    calm place."""
    visible_mark: StrictBool = False
    """Whether a small mark in a corner tells viewers that the picture was generated."""
    model: ModelName | None = None
    """The name of one of the models that this deployment has. Default: its `PLANTAIN_DEFAULT_MODEL`."""
    webhook: Webhook | None = None
    """An address that is called when the job has ended."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict, max_length=16)
    """Your own words on the job, at most 16, which listings can be filtered by. A key is a lowercase letter
    and then up to 62 lowercase letters, digits and `_ . -`; a value has at most 63 characters."""
    priority: Literal["normal", "low"] = "normal"
    """`low` waits while `normal` jobs wait."""
    deadline_seconds: StrictInt = Field(default=3_600, ge=1, le=86_400)
    """Seconds after which a job that has not ended is given up as `expired`, counted from the request."""
    dry_run: StrictBool = False
    """Check and estimate only: nothing is written and nothing is drawn."""

    @property
    def picture_count(self) -> int:
        """Returns how many pictures the job makes: 0 where the manifest alone is the answer."""
        return 0 if self.task in WITHOUT_PICTURES else len(self.prompts) or self.count

    @property
    def frame_count(self) -> int:
        """Returns how many frames the job's clip has: 0 where it makes none."""
        if self.task != "animate":
            return 0
        return (self.seconds or DEFAULT_SECONDS) * (self.fps or DEFAULT_FPS)

    @property
    def picture_format(self) -> str:
        """Returns the format of the job's still pictures: a clip's poster is a JPEG."""
        return "jpeg" if self.task == "animate" else self.format

    @property
    def is_drawn(self) -> bool:
        """Returns True if an engine draws for the job."""
        return self.task not in WITHOUT_DRAWING

    @property
    def wanted(self) -> str:
        """Returns everything that the caller wishes to see, in one text, which the policy screens as
        the prompt.
        """
        texts = (self.prompt, *self.prompts, self.region_prompt)
        return "\n".join(text for text in texts if text)

    @model_validator(mode="before")
    @classmethod
    def _clips_are_mp4(cls, body: Any) -> Any:
        return with_clip_format(body)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        self._check_no_more()
        self._check_no_less()
        self._check_wording()
        if sum(given is not None for given in (self.mask, self.region, self.region_prompt)) > 1:
            raise ValueError("give only one of mask, region and region_prompt")
        self._check_exact_size()
        if (self.task == "animate" and self.format not in CLIP_FORMATS) or (
            self.task != "animate" and self.format == "mp4"
        ):
            raise ValueError("animate makes mp4 or webp, and every other task png, jpeg, webp or avif")
        if self.lettering_region is not None and self.lettering in ("model", "none"):
            raise ValueError(
                f"lettering_region is where words are typeset, and lettering is {self.lettering}"
            )
        if self.bit_depth == 16 and self.format != "png":
            raise ValueError("16 bit needs png")
        if self.quality is not None and self.format == "png":
            raise ValueError("png has no quality: leave it out, or ask for jpeg, webp or avif")
        return self

    def _check_wording(self) -> None:
        length = sum(len(text) for text in (self.prompt, self.negative_prompt, *self.prompts) if text)
        if length > MAX_WORDING:
            raise ValueError(f"all prompts together may have at most {MAX_WORDING} characters")

    def _check_exact_size(self) -> None:
        if (self.width is None) != (self.height is None):
            raise ValueError("give both width and height, or neither")
        if self.width is not None and (self.size is not None or self.aspect_ratio is not None):
            raise ValueError("give width and height, or size and aspect_ratio, not both")

    def _check_no_more(self) -> None:
        """Refuses fields that the task does not use. A field at its default is allowed: records contain all
        of them.
        """
        fields = type(self).model_fields
        idle = [name for name in fields if name in OF_A_TASK - TAKES[self.task]]
        given = [name for name in idle if getattr(self, name) != fields[name].default]
        if given:
            raise ValueError(f"{self.task} takes no {' and no '.join(given)}")

    def _check_no_less(self) -> None:
        if self.task in NEED_A_PROMPT and self.prompt is None:
            raise ValueError(f"{self.task} needs a prompt")
        if self.task == "edit" and not self.images:
            raise ValueError("edit needs the picture to change as the first of images")
        if self.task == "animate" and len(self.images) > 1:
            raise ValueError("animate takes one image at most, with which the clip begins")
        if self.task in NEED_ONE_IMAGE and len(self.images) != 1:
            raise ValueError(f"{self.task} needs exactly one image")
        if self.task == "upscale" and self.size is None and self.width is None:
            raise ValueError("upscale needs a size, or width and height")
        if self.task == "outpaint" and self.aspect_ratio is None and self.width is None:
            raise ValueError("outpaint needs the aspect_ratio of the new frame, or its width and height")
        if self.task == "sequence" and len(self.prompts) < MIN_SEQUENCE:
            raise ValueError(f"sequence needs {MIN_SEQUENCE} to {MAX_COUNT} prompts, one for each picture")
