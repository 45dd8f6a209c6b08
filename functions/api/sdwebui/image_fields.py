"""The fields of ``txt2img`` and ``img2img`` that have a meaning here.

The WebUI has some seventy, and clients send most of them at their defaults. Those that say how a sampler
works are ignored, as the WebUI ignores fields that it does not know. Those that ask for another picture are
refused: docs/decisions/0040.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ...contract.errors import InvalidRequest, UnsupportedSize
from ...contract.request import MAX_COUNT
from ...intake.strict_json import parse_model

_REFUSED = {
    "script_name": "There are no scripts here.",
    "alwayson_scripts": "There are no scripts here.",
    "styles": "There are no styles here: write their words into the prompt.",
    "tiling": "Pictures that continue at their edges are not made here.",
    "subseed_strength": "Seeds are not mixed here: send one seed.",
    "inpainting_mask_invert": "Send the mask so that white may change.",
}
"""The fields without which the picture would be another one."""

RANDOM = -1  # the WebUI's seed for any
_CHECKPOINT = "sd_model_checkpoint"


class _WebUiFields(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    prompt: str = ""
    negative_prompt: str | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    cfg_scale: float | None = None
    seed: int | None = None
    batch_size: int | None = Field(default=1, ge=1)
    n_iter: int | None = Field(default=1, ge=1)
    denoising_strength: float | None = None
    override_settings: dict[str, Any] | None = None
    script_name: str | None = None
    enable_hr: bool | None = None
    hr_scale: float | None = Field(default=2.0, gt=0, le=16)
    hr_resize_x: int | None = None
    hr_resize_y: int | None = None
    inpainting_mask_invert: int | None = None
    tiling: bool | None = None
    styles: list[Any] | None = None
    subseed_strength: float | None = None
    alwayson_scripts: dict[str, Any] | None = None
    lettering: str | None = None  # ours

    @property
    def count(self) -> int:
        """Returns the number of pictures: a batch of each size, so many times."""
        return (self.batch_size or 1) * (self.n_iter or 1)

    @property
    def checkpoint(self) -> str | None:
        """Returns the model's name; a hash in brackets, which the WebUI's titles have, is left out."""
        name = (self.override_settings or {}).get(_CHECKPOINT)
        return checkpoint_name(name) if name is not None else None

    @property
    def wanted_size(self) -> tuple[int, int] | None:
        """Returns width and height of the pictures to deliver; None where the request names neither."""
        if self.width is None and self.height is None:
            return None
        if self.width is None or self.height is None:
            raise UnsupportedSize("Give both width and height.", field="width")
        if not self.enable_hr:
            return self.width, self.height
        if self.hr_resize_x and self.hr_resize_y:
            return self.hr_resize_x, self.hr_resize_y
        scale = self.hr_scale or 2.0
        return round(self.width * scale), round(self.height * scale)


class TextToImage(_WebUiFields):
    """The fields of ``txt2img``."""


class ImageToImage(_WebUiFields):
    """The fields of ``img2img``. The pictures are base64, with or without a ``data:`` prefix."""

    init_images: tuple[str, ...] = Field(default=(), repr=False)
    mask: str | None = Field(default=None, repr=False)
    allow_outside_domain: bool | None = None  # ours


Fields = TypeVar("Fields", bound=_WebUiFields)


def read_fields(kind: type[Fields], given: dict[str, Any]) -> Fields:
    """Returns the fields. Raises InvalidRequest for those whose effect is not had here."""
    fields = parse_model(kind, given)
    if fields.count > MAX_COUNT:
        raise InvalidRequest(f"batch_size × n_iter is {MAX_COUNT} at most.", field="batch_size")
    for name, why in _REFUSED.items():
        if getattr(fields, name):
            raise InvalidRequest(why, field=name)
    return fields


def checkpoint_name(title: object) -> str:
    """Returns the name of a model from a title of the WebUI, such as ``starter [0123abcd]``. Raises
    InvalidRequest for what is no text.
    """
    if not isinstance(title, str):
        raise InvalidRequest("The name of a model is text.", field=_CHECKPOINT)
    return title.partition(" [")[0].strip()
