"""The types of single fields of a request: how they are spelt, and in which range."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict

from .sizes import MAX_EXACT_SIDE, MIN_EXACT_SIDE, MULTIPLE
from .validation.messages import text_pattern
from .validation.whole_numbers import check_whole

LabelKey = Annotated[
    str,
    text_pattern(
        r"^[a-z][a-z0-9_.-]{0,62}$", "a lowercase letter, then up to 62 lowercase letters, digits and _ . -"
    ),
]
LabelValue = Annotated[
    str, text_pattern(r"^[^\x00-\x1f\x7f]*$", "text without control characters", max_length=63)
]
# Stated in the schema and checked at admission: older records may hold an empty list.
AT_LEAST_ONE = Field(fail_fast=True, json_schema_extra={"minItems": 1})
Url = Annotated[
    str,
    text_pattern(r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$", "a URL that begins with https://", max_length=2_000),
    Field(min_length=8),
]
PixelSide = Annotated[int, Strict(), Field(ge=MIN_EXACT_SIDE, le=MAX_EXACT_SIDE, multiple_of=MULTIPLE)]
BitDepth = Annotated[Literal[8, 16], BeforeValidator(check_whole)]
GsUri = Annotated[
    str, text_pattern(r"^gs://[^/\s]+/[^\r\n]+$", "written as gs://BUCKET/NAME", max_length=1300)
]
UploadId = Annotated[
    str, text_pattern(r"^up_[a-z2-7]{26}$", "an id that POST /v1/uploads gave: up_ and 26 letters and digits")
]
ModelName = Annotated[
    str,
    text_pattern(
        r"^[a-z0-9][a-z0-9._-]{0,62}$",
        "a model's name: a lowercase letter or digit, then up to 62 of them and of . _ -",
    ),
]
