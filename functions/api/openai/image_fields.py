"""The fields of a request for images, with OpenAI's names, and those that clients add to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ...contract.document import DocumentPart
from ...contract.errors import InvalidRequest
from ...intake.strict_json import parse_model
from .errors import unknown_parameter

Quality = Literal["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"]

_FIELD_OF_LABEL = "labels["
_WHOLE = 100  # what some clients always send
_SYNONYMS = {
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "cfg_scale": "guidance",
}
"""Names of one field in the bodies of clients of other self-hosted servers."""

EXTRAS = (
    *(
        "negative_prompt",
        "seed",
        "steps",
        "guidance",
        "strength",
        "allow_outside_domain",
        "width",
        "height",
        "aspect_ratio",
        "lettering",
        "labels",
    ),
    *_SYNONYMS,
)
"""What clients send in `extra_body`: fields of ours, which OpenAI does not have."""


class ImageFields(DocumentPart):
    """The fields of a request for images. Those without an effect are taken since clients send them."""

    prompt: str | None = None
    model: str | None = None
    n: int = Field(default=1, ge=1)
    size: str = "auto"
    quality: Quality = "auto"
    background: Literal["transparent", "opaque", "auto"] = "auto"
    output_format: Literal["png", "jpeg", "webp", "avif", "gif", "svg"] = "png"
    output_compression: int | None = Field(default=None, ge=0, le=100)  # the quality, whatever its name says
    response_format: Literal["url", "b64_json"] = "b64_json"
    stream: bool = False
    partial_images: int = Field(default=0, ge=0, le=3)
    # Without an effect: the policy of this deployment screens all requests in the same way.
    moderation: Literal["low", "auto"] = "auto"
    input_fidelity: Literal["high", "low"] = "low"
    complexity: str | None = None
    style: str | None = None
    user: str | None = Field(default=None, repr=False)
    safety_identifier: str | None = Field(default=None, repr=False)
    # Ours, from `extra_body`.
    negative_prompt: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None
    allow_outside_domain: bool | None = None
    width: int | None = None
    height: int | None = None
    aspect_ratio: str | None = None
    lettering: str | None = None
    labels: dict[str, str] = Field(default_factory=dict, repr=False)


def is_image_field(name: str) -> bool:
    """Returns True for a field that the interface for images takes, under one of its names."""
    return _SYNONYMS.get(name, name) in ImageFields.model_fields


def read_image_fields(given: Mapping[str, object], deployment: str | None = None) -> ImageFields:
    """Returns the fields of a JSON body, or of a form whose values are texts.

    A field that is null counts as left out. ``deployment`` is the model that Azure's clients name in the
    path. Raises InvalidRequest for a field that is not known, is given under two of its names, or has a value
    that is not taken.
    """
    named: dict[str, object] = {}
    labels: dict[str, object] = {}
    for name, value in given.items():
        if name.startswith(_FIELD_OF_LABEL) and name.endswith("]"):
            labels[name[len(_FIELD_OF_LABEL) : -1]] = value
            continue
        if not is_image_field(name):
            raise unknown_parameter(name)
        if value is not None:
            _add_once(named, _SYNONYMS.get(name, name), value)
    if labels:
        if "labels" in named:
            raise InvalidRequest("Give labels as one object or one by one.", field="labels")
        named["labels"] = labels
    if deployment is not None:
        named["model"] = deployment
    if named.get("output_format") == "jpg":
        named["output_format"] = "jpeg"
    return _checked(parse_model(ImageFields, named))


def _add_once(named: dict[str, object], name: str, value: object) -> None:
    if name in named:
        synonyms = ", ".join(other for other, known in _SYNONYMS.items() if known == name)
        raise InvalidRequest(f"The field is given twice: {synonyms} and {name} are one.", field=name)
    named[name] = value


def _checked(fields: ImageFields) -> ImageFields:
    """Refuses what cannot be delivered."""
    if fields.background == "transparent":
        raise InvalidRequest(
            "Transparent backgrounds are not supported here: ask for opaque or auto.", field="background"
        )
    if fields.output_format in ("gif", "svg"):
        raise InvalidRequest(
            f"{fields.output_format.upper()} is not supported here: ask for png, jpeg or webp.",
            field="output_format",
        )
    if fields.output_format == "png" and fields.output_compression not in (None, _WHOLE):
        raise InvalidRequest("PNG loses nothing: ask for jpeg or webp.", field="output_compression")
    return fields
