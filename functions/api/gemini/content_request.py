"""A conversation becomes one job: what it asks for last, of its last pictures."""

from __future__ import annotations

import re
from typing import Any

from ...contract.errors import InvalidRequest, UnsupportedFormat
from ...contract.request import JobRequest
from ...contract.settings import Settings
from ...intake.strict_json import parse_model
from ..model_names import resolve_model
from .content_body import GenerateContentBody, GenerationConfig
from .content_pictures import PartReader
from .instructions import find_pictures, read_instructions

FORMATS = {"image/png": "png", "image/jpeg": "jpeg", "image/jpg": "jpeg", "image/webp": "webp"}
_NUMBERS = {
    "ONE": 1,
    "TWO": 2,
    "THREE": 3,
    "FOUR": 4,
    "FIVE": 5,
    "EIGHT": 8,
    "NINE": 9,
    "SIXTEEN": 16,
    "TWENTY_ONE": 21,
}
_RATIO_NAME = re.compile(r"ASPECT_RATIO_([A-Z_]+)_BY_([A-Z_]+)\Z")
_SIZE_NAME = re.compile(r"IMAGE_SIZE_(ONE|TWO|FOUR)_K\Z")
_SIZES = {"0.5K": "512", "512PX": "512", "IMAGE_SIZE_FIVE_TWELVE": "512"}


def content_request(
    body: GenerateContentBody, model: str, settings: Settings, reader: PartReader
) -> JobRequest:
    """Returns the job that the conversation asks for.

    Without a picture it is a ``generate``. With pictures it is an ``edit`` of the first one of the last turn
    that has any; the others of that turn are references. Raises InvalidRequest and its kinds.
    """
    config = body.generation_config
    _check_modalities(config)
    prompt = read_instructions(body.contents, body.system_instruction)
    pictures = [reader.read_picture(part, field) for part, field in find_pictures(body.contents)]
    fields: dict[str, Any] = {
        "task": "edit" if pictures else "generate",
        "prompt": prompt,
        "images": list(pictures),
        "count": config.candidate_count,
        "seed": config.seed,
        "model": resolve_model(settings, model),
        "labels": body.labels,
        "lettering": config.lettering,
        "allow_outside_domain": config.allow_outside_domain if pictures else None,
        **picture_fields(config),
    }
    return parse_model(JobRequest, {name: value for name, value in fields.items() if value not in (None, [])})


def picture_fields(config: GenerationConfig) -> dict[str, Any]:
    """Returns size, ratio and format of a job from either of the two places that clients write them to."""
    image, asked = config.image_config, config.response_format.image
    options = image.image_output_options
    mime_type = asked.mime_type or image.output_mime_type or options.mime_type
    quality = image.output_compression_quality
    return {
        "aspect_ratio": ratio_of(asked.aspect_ratio or image.aspect_ratio),
        "size": size_of(asked.image_size or image.image_size),
        **file_fields(mime_type, options.compression_quality if quality is None else quality),
    }


def file_fields(mime_type: str | None, quality: int | None) -> dict[str, Any]:
    """Returns format and quality of a job. As at Google's, a quality means nothing to a lossless file.

    Raises UnsupportedFormat, and InvalidRequest for a quality that is not 0 to 100.
    """
    if quality is not None and not 0 <= quality <= 100:
        raise InvalidRequest("Ask for 0 to 100.", field="compressionQuality")
    kind = format_of(mime_type) if mime_type else None
    is_lossy = kind not in (None, "png")
    return {"format": kind, "quality": max(1, quality) if is_lossy and quality is not None else None}


def ratio_of(name: str | None) -> str | None:
    """Returns a ratio as ``16:9``, from that or ASPECT_RATIO_SIXTEEN_BY_NINE; None where none is asked."""
    if not name or name.endswith("_UNSPECIFIED"):
        return None
    found = _RATIO_NAME.match(name)
    if found and found[1] in _NUMBERS and found[2] in _NUMBERS:
        return f"{_NUMBERS[found[1]]}:{_NUMBERS[found[2]]}"
    return name


def size_of(name: str | None) -> str | None:
    """Returns a size as ``2K``, from that or from IMAGE_SIZE_TWO_K; None where none is asked."""
    if not name or name.endswith("_UNSPECIFIED"):
        return None
    if found := _SIZE_NAME.match(name):
        return f"{_NUMBERS[found[1]]}K"
    return _SIZES.get(name.upper(), name.upper())


def format_of(mime_type: str) -> str:
    """Returns the format of a type such as ``image/jpeg``. Raises UnsupportedFormat."""
    try:
        return FORMATS[mime_type.lower()]
    except KeyError:
        raise UnsupportedFormat(f"Ask for one of {', '.join(FORMATS)}.", field="mimeType") from None


def _check_modalities(config: GenerationConfig) -> None:
    asked = {name.upper() for name in config.response_modalities} - {"MODALITY_UNSPECIFIED"}
    if asked and "IMAGE" not in asked:
        raise InvalidRequest(
            "The models here answer with pictures: ask for IMAGE.",
            field="generationConfig.responseModalities",
        )
