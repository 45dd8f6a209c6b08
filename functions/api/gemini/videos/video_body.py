"""The body of ``:predictLongRunning`` as Google's clients send it for Veo, and the job that it asks for.

https://ai.google.dev/api/models#method:-models.predictlongrunning. A field that would change the clip and
that nothing here understands is refused; Google's other fields have no effect.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StrictStr

from ....contract.engine_limits import REFUSED, engine_of
from ....contract.errors import InvalidRequest, UnsupportedSize, UnsupportedTask
from ....contract.request import JobRequest
from ....contract.settings import Settings
from ....intake.strict_json import parse_model
from ...model_names import resolve_model
from ..content_body import GoogleMessage, PictureMessage
from ..content_request import ratio_of
from ..predict import EncodedPicture, as_list, read_picture

FIELDS = {
    "prompt": "instances[0].prompt",
    "images": "instances[0].image",
    "aspect_ratio": "parameters.aspectRatio",
    "size": "parameters.resolution",
    "width": "parameters.resolution",
    "height": "parameters.resolution",
    "seconds": "parameters.durationSeconds",
    "fps": "parameters.fps",
    "seed": "parameters.seed",
    "negative_prompt": "parameters.negativePrompt",
    "task": "model",
}
"""The fields of a job, as Veo's interface names them."""

VIDEO_MODELS = "veo-*"
"""Google's models that draw clips, which clients name by default."""
_SIDES = {"720p": (1280, 720), "1080p": (1920, 1080)}
_USUAL_RATIO = "16:9"


class VideoInstance(GoogleMessage):
    """What the clip shows. Of the other inputs of Veo's none is understood."""

    prompt: StrictStr | None = None
    image: EncodedPicture | None = None
    last_frame: object = None
    reference_images: object = None
    video: object = None
    mask: object = None


class VideoParameters(PictureMessage):
    """How the clip is made."""

    aspect_ratio: str | None = None
    resolution: str | None = None
    duration_seconds: StrictInt | None = None
    fps: StrictInt | None = None
    seed: StrictInt | None = None
    negative_prompt: StrictStr | None = None
    sample_count: StrictInt = 1
    generate_audio: StrictBool = False
    person_generation: str | None = None
    storage_uri: str | None = None
    pubsub_topic: str | None = None
    compression_quality: Literal["OPTIMIZED", "optimized"] | None = None
    enhance_prompt: object = None  # without an effect


class VideoBody(GoogleMessage):
    """What ``:predictLongRunning`` takes."""

    instances: Annotated[list[VideoInstance], BeforeValidator(as_list), Field(min_length=1, max_length=1)]
    parameters: VideoParameters = VideoParameters()
    webhook_config: object = None


def video_request(body: VideoBody, model: str, settings: Settings) -> JobRequest:
    """Returns the clip that the one instance asks for. Raises InvalidRequest and its kinds."""
    _check_understood(body)
    (instance,), asked = body.instances, body.parameters
    fields: dict[str, Any] = {
        "task": "animate",
        "model": resolve_video_model(settings, model),
        "prompt": instance.prompt,
        "negative_prompt": asked.negative_prompt or None,
        "seconds": asked.duration_seconds,
        "fps": asked.fps,
        "seed": asked.seed,
        **_size_fields(asked),
    }
    if instance.image is not None:
        fields["images"] = [read_picture(instance.image, FIELDS["images"]).model_dump(exclude_none=True)]
    return parse_model(JobRequest, {name: value for name, value in fields.items() if value is not None})


def resolve_video_model(settings: Settings, name: str) -> str:
    """Returns the model that ``name`` means; of a name of Veo's the default one if it draws clips, else the
    first that does. Raises UnknownModel, and UnsupportedTask where none draws clips.
    """
    wanted = name.removeprefix("models/")
    is_google_name = fnmatchcase(wanted, VIDEO_MODELS) and wanted not in settings.models
    if not is_google_name or any(fnmatchcase(wanted, pattern) for pattern in settings.model_aliases):
        return resolve_model(settings, name)
    for model in (settings.default_model, *settings.models):
        refused = {*REFUSED[engine_of(settings.models[model])], *settings.model_refuses.get(model, ())}
        if "animate" not in refused:
            return model
    raise UnsupportedTask("No model of this deployment draws clips.", field="model")


def _check_understood(body: VideoBody) -> None:
    """Raises InvalidRequest for a field that would change the clip and has no counterpart here."""
    (instance,), asked = body.instances, body.parameters
    refusals = {
        "instances[0].lastFrame": instance.last_frame is not None,
        "instances[0].referenceImages": instance.reference_images is not None,
        "instances[0].video": instance.video is not None,
        "instances[0].mask": instance.mask is not None,
        "parameters.generateAudio": asked.generate_audio,
        "parameters.storageUri": bool(asked.storage_uri),
        "parameters.pubsubTopic": bool(asked.pubsub_topic),
        "webhookConfig": body.webhook_config is not None,
    }
    for field, is_asked in refusals.items():
        if is_asked:
            raise InvalidRequest("Clips are made without this here: leave it out.", field=field)
    if asked.sample_count != 1:
        raise InvalidRequest(
            "A job makes one clip: ask for each in a call of its own.", field="parameters.sampleCount"
        )
    if (asked.person_generation or "").lower().startswith("dont_allow"):
        raise InvalidRequest(
            "A clip is not checked for people here: leave it out.", field="parameters.personGeneration"
        )


def _size_fields(asked: VideoParameters) -> dict[str, Any]:
    """Returns the exact frame of a resolution, in 16:9 or 9:16; without one the ratio alone.

    Raises UnsupportedSize.
    """
    ratio = ratio_of(asked.aspect_ratio)
    if asked.resolution is None:
        return {"aspect_ratio": ratio}
    sides = _SIDES.get(asked.resolution.lower())
    if sides is None:
        raise UnsupportedSize(f"Ask for one of {', '.join(_SIDES)}.", field=FIELDS["size"])
    if ratio not in (None, _USUAL_RATIO, "9:16"):
        raise UnsupportedSize(
            "A resolution goes with 16:9 or 9:16: leave it out for another ratio.", field=FIELDS["size"]
        )
    long, short = sides
    width, height = (short, long) if ratio == "9:16" else (long, short)
    return {"width": width, "height": height}
