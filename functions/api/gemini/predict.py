"""``:predict`` in the shape of Imagen: pictures from a prompt, edits with a mask, and enlarging."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response
from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, StrictStr

from ...contract.errors import Blocked, InvalidRequest, PlantainError, UnsupportedSize
from ...contract.pictures import facts_of, open_source
from ...contract.request import ImageInput, JobRequest
from ...contract.settings import Settings
from ...http_edge.json_response import json_response
from ...intake.input_pictures import decode_inline
from ...intake.strict_json import parse_model
from ...services import Services
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob
from ..answered_job import answering, begin_answer, deliver_json
from ..api_call import ApiCall
from ..encoded_pictures import PictureEncoder, SplicedPictures
from ..model_names import resolve_model
from ..pictures import picture_from_base64
from ..request_body import BODIES, reserve_body
from .content_body import (
    GoogleMessage,
    ImageOutputOptions,
    PeoplePolicy,
    PictureMessage,
    read_google_json,
)
from .content_request import file_fields, ratio_of, size_of

_FIELDS = {
    "aspect_ratio": "parameters.aspectRatio",
    "size": "parameters.sampleImageSize",
    "count": "parameters.sampleCount",
    "seed": "parameters.seed",
    "guidance": "parameters.guidanceScale",
    "negative_prompt": "parameters.negativePrompt",
    "prompt": "instances[0].prompt",
    "mimeType": "parameters.outputOptions.mimeType",
    "compressionQuality": "parameters.outputOptions.compressionQuality",
    "width": "instances[0].image",
    "height": "instances[0].image",
    "images": "instances[0]",
    "mask": "instances[0].referenceImages",
}
"""The fields of a job, as Imagen's interface names them."""

ReferenceType = Literal[
    "REFERENCE_TYPE_RAW",
    "REFERENCE_TYPE_MASK",
    "REFERENCE_TYPE_SUBJECT",
    "REFERENCE_TYPE_STYLE",
    "REFERENCE_TYPE_CONTENT",
]
EditMode = Literal[
    "EDIT_MODE_DEFAULT", "EDIT_MODE_INPAINT_INSERTION", "EDIT_MODE_OUTPAINT", "EDIT_MODE_BGSWAP"
]
"""The edits that a mask and a prompt say in full."""

_UPSCALED = {"x2": 2, "x3": 3, "x4": 4}


def as_list(value: object) -> object:
    """Returns a single message as a list of one."""
    return [value] if isinstance(value, dict) else value


class EncodedPicture(GoogleMessage):
    bytes_base64_encoded: StrictStr | None = Field(default=None, repr=False)
    gcs_uri: str | None = None
    mime_type: str | None = None


class MaskImageConfig(GoogleMessage):
    mask_mode: Literal["MASK_MODE_DEFAULT", "MASK_MODE_USER_PROVIDED"] = "MASK_MODE_DEFAULT"


class ReferenceImage(GoogleMessage):
    reference_type: ReferenceType = "REFERENCE_TYPE_RAW"
    reference_image: EncodedPicture = EncodedPicture()
    mask_image_config: MaskImageConfig = MaskImageConfig()


class PredictInstance(GoogleMessage):
    prompt: StrictStr | None = None
    image: EncodedPicture | None = None
    reference_images: tuple[ReferenceImage, ...] = Field(default=(), max_length=16)


class UpscaleConfig(PictureMessage):
    upscale_factor: str = "x2"
    enhance_input_image: Literal[False] = False


class PredictParameters(PictureMessage):
    sample_count: StrictInt | None = None
    aspect_ratio: str | None = None
    sample_image_size: str | None = None
    seed: StrictInt | None = None
    negative_prompt: StrictStr | None = None
    guidance_scale: StrictFloat | StrictInt | None = None
    output_options: ImageOutputOptions = ImageOutputOptions()
    mode: str | None = None
    upscale_config: UpscaleConfig = UpscaleConfig()
    edit_mode: EditMode = "EDIT_MODE_DEFAULT"
    person_generation: PeoplePolicy | None = None
    # Without an effect: the answer's form, how Google's own models work, and what the policy decides here.
    storage_uri: object = None
    safety_setting: object = None
    safety_filter_level: object = None
    include_rai_reason: object = None
    include_safety_attributes: object = None
    language: object = None
    add_watermark: object = None
    enhance_prompt: object = None
    edit_config: object = None
    base_steps: object = None


class PredictBody(GoogleMessage):
    instances: Annotated[list[PredictInstance], BeforeValidator(as_list), Field(min_length=1, max_length=1)]
    parameters: PredictParameters = PredictParameters()


def predict(call: ApiCall, model: str, **_: str) -> Response:
    """Answers with one prediction for each picture; a block is a prediction with its reason."""
    try:
        return _answer_prediction(call, model)
    except PlantainError as error:
        error.field = _FIELDS.get(error.field or "", error.field)
        raise


def _answer_prediction(call: ApiCall, model: str) -> Response:
    with reserve_body(call.request):
        body = parse_model(PredictBody, read_google_json(call))
        with BODIES.place():
            request = predict_request(body, model, call.services.settings)
            try:
                job = begin_answer(call, request)
            except Blocked as error:
                return json_response(_filtered(error))
        del body, request
    pictures = SplicedPictures()
    try:
        with answering(job):
            predictions = _predictions(call.services, job.wait(), pictures)
    except Blocked as error:
        return json_response(_filtered(error))
    return deliver_json(job, {"predictions": predictions}, pictures=pictures)


def predict_request(body: PredictBody, model: str, settings: Settings) -> JobRequest:
    """Returns the job that the one instance asks for. Raises InvalidRequest and its kinds."""
    (instance,), asked = body.instances, body.parameters
    output = asked.output_options
    common: dict[str, Any] = {
        "model": resolve_model(settings, model),
        "seed": asked.seed,
        **file_fields(output.mime_type, output.compression_quality),
    }
    if asked.mode == "upscale":
        return _parse({**common, **_upscale_fields(instance, asked)})
    pictures, mask = _references(instance)
    return _parse(
        {
            **common,
            "task": "edit" if pictures else "generate",
            "prompt": instance.prompt,
            "negative_prompt": asked.negative_prompt or None,
            "images": [found.model_dump(exclude_none=True) for found in pictures],
            "mask": mask.model_dump(exclude_none=True) if mask else None,
            "count": asked.sample_count,
            "aspect_ratio": ratio_of(asked.aspect_ratio),
            "size": size_of(asked.sample_image_size),
            "guidance": None if asked.guidance_scale is None else float(asked.guidance_scale),
        }
    )


def _parse(fields: dict[str, Any]) -> JobRequest:
    return parse_model(JobRequest, {name: value for name, value in fields.items() if value not in (None, [])})


def _upscale_fields(instance: PredictInstance, asked: PredictParameters) -> dict[str, Any]:
    if instance.image is None:
        raise InvalidRequest("An upscale needs the image.", field="instances[0].image")
    field = "instances[0].image"
    picture, size = read_picture(instance.image, field), size_of(asked.sample_image_size)
    larger = {"size": size} if size else _enlarged_size(picture, asked.upscale_config.upscale_factor, field)
    return {"task": "upscale", "images": [picture.model_dump(exclude_none=True)], **larger}


def _enlarged_size(picture: ImageInput, factor: str, field: str) -> dict[str, object]:
    """Returns the fields of a size ``factor`` times the picture's own.

    Raises UnsupportedSize for a factor that is not x2, x3 or x4, and InvalidRequest for a picture that is
    named and not sent.
    """
    if factor not in _UPSCALED:
        raise UnsupportedSize(
            f"Ask for one of {', '.join(_UPSCALED)}.", field="parameters.upscaleConfig.upscaleFactor"
        )
    data = decode_inline(picture, field)
    if data is None:
        raise InvalidRequest(
            "Say how large the picture becomes: 1K, 2K or 4K.", field="parameters.sampleImageSize"
        )
    facts = facts_of(open_source(data))
    times = _UPSCALED[factor]
    return {"width": facts.width * times, "height": facts.height * times}


def _references(instance: PredictInstance) -> tuple[list[ImageInput], ImageInput | None]:
    """Returns the pictures, and the mask of an edit: white may change, as here."""
    pictures = [read_picture(instance.image, "instances[0].image")] if instance.image else []
    mask: ImageInput | None = None
    for n, reference in enumerate(instance.reference_images):
        field = f"instances[0].referenceImages[{n}].referenceImage"
        if reference.reference_type != "REFERENCE_TYPE_MASK":
            pictures.append(read_picture(reference.reference_image, field))
        else:
            mask = read_picture(reference.reference_image, field)
    return pictures, mask


def read_picture(given: EncodedPicture, field: str) -> ImageInput:
    """Returns the picture that a request sends or names. Raises InvalidRequest where it does neither."""
    if given.bytes_base64_encoded:
        return picture_from_base64(given.bytes_base64_encoded, f"{field}.bytesBase64Encoded")
    if given.gcs_uri:
        return parse_model(ImageInput, {"uri": given.gcs_uri})
    raise InvalidRequest("Send the picture as bytesBase64Encoded or gcsUri.", field=field)


def _predictions(services: Services, finished: FinishedJob, encode: PictureEncoder) -> list[dict[str, str]]:
    check_encoded_size(sum(picture.bytes for picture in finished.pictures))
    return [
        {
            "mimeType": facts.content_type,
            "bytesBase64Encoded": encode(services, finished, n),
        }
        for n, facts in enumerate(finished.pictures)
    ]


def _filtered(error: Blocked) -> dict[str, Any]:
    return {"predictions": [{"raiFilteredReason": error.message}]}
