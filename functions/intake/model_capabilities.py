"""The abilities and the cost of a model, decided before a job is written."""

from __future__ import annotations

from ..contract.engine_limits import PAID, REFUSED, Feature, engine_of, gemini_id, requested_features
from ..contract.errors import UnsupportedTask
from ..contract.request import JobRequest
from ..contract.settings import Settings
from ..contract.validation.gemini_models import GeminiOptions

_WORDS: dict[Feature, str] = {
    "negative_prompt": "takes no negative_prompt: say in the prompt what should be there instead",
    "steps": "takes no steps: leave it out",
    "guidance": "takes no guidance: leave it out",
    "strength": "takes no strength: leave it out",
    "region": "takes no edit of a region: describe in the prompt what to change",
    "references": "takes no reference images: leave them out",
    "animate": "draws no clips: name a model whose capabilities do not refuse animate",
    "pictures": "draws clips alone: name another model for still pictures",
}


def check_capabilities(request: JobRequest, model: str, settings: Settings) -> None:
    """Raises UnsupportedTask with the field that the model's engine, or the model itself, does
    not support.
    """
    refused = REFUSED[engine_of(settings.models[model])] | set(settings.model_refuses.get(model, ()))
    for feature, field in requested_features(request).items():
        if feature in refused:
            raise UnsupportedTask(f"The model {model} {_WORDS[feature]}.", field=field)
    _check_pictures(request, model, settings)


def _check_pictures(request: JobRequest, model: str, settings: Settings) -> None:
    """Checks a Gemini model's limit of pictures in a call; the mask of a region is one of them."""
    source = settings.models[model]
    if engine_of(source) != "gemini" or not request.is_drawn:
        return
    most = settings.gemini_models.get(gemini_id(source), GeminiOptions()).max_images
    has_mask = any((request.mask, request.region, request.region_prompt)) or request.task == "outpaint"
    given = len(request.images) + (has_mask and bool(request.images))
    if given > most:
        raise UnsupportedTask(
            f"The model {model} takes {most} pictures at most, a mask among them.",
            field="images",
        )


def is_paid(model: str, settings: Settings) -> bool:
    """Returns True if each drawing is a call that is billed."""
    return engine_of(settings.models[model]) in PAID


def with_correction_budget(request: JobRequest, model: str, settings: Settings) -> JobRequest:
    """Returns the request with one attempt if drawings are billed: the caller must ask for a second one."""
    correction = request.correction
    if not is_paid(model, settings) or "attempts" in correction.model_fields_set:
        return request
    return request.model_copy(update={"correction": correction.model_copy(update={"attempts": 1})})


def count_paid_calls(request: JobRequest, model: str, settings: Settings) -> int:
    """Returns how many calls are billed at most, as long as the service answers each with a picture."""
    if not (request.is_drawn and is_paid(model, settings)):
        return 0
    return request.picture_count * with_correction_budget(request, model, settings).correction.attempts
