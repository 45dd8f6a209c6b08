"""What is said of each endpoint of the WebUI's interface in `/openapi.json`."""

from __future__ import annotations

from pydantic import BaseModel

from ...contract.errors import PlantainError, UnknownModel
from ..description import error_groups as errors
from ..description.operation import DialectDescription, Operation, json_answer, json_content
from . import answers
from .image_fields import ImageToImage, TextToImage
from .options import LISTS


class OptionsBody(BaseModel):
    """Options; those that are not named here are accepted as well, and none is kept."""

    sd_model_checkpoint: str | None = None


def _status(error: PlantainError) -> int:
    return error.status


_SMALL = {"prompt": "a red boat on the sea", "width": 512, "height": 512, "steps": 4}
_DRAWN = {200: json_answer(answers.WebUiImages)}
_OPERATIONS = {
    "sdwebui.txt2img": Operation(
        body=(json_content(TextToImage, small=_SMALL),), answers=_DRAWN, errors=errors.OF_A_DRAWING
    ),
    "sdwebui.img2img": Operation(
        body=(json_content(ImageToImage),), answers=_DRAWN, errors=errors.OF_A_DRAWING
    ),
    "sdwebui.options.show": Operation(answers={200: json_answer(answers.WebUiOptions)}),
    "sdwebui.options.accept": Operation(
        body=(json_content(OptionsBody),),
        answers={200: json_answer(answers.AcceptedOptions)},
        errors=(*errors.OF_A_BODY, UnknownModel),
    ),
    "sdwebui.models": Operation(answers={200: json_answer(answers.WebUiModelList)}),
    "sdwebui.progress": Operation(answers={200: json_answer(answers.WebUiProgress)}),
    "sdwebui.interrupt": Operation(answers={200: json_answer(answers.Interrupted)}),
    **{f"sdwebui.{name}": Operation(answers={200: json_answer(answers.WebUiList)}) for name in LISTS},
}

DESCRIPTION = DialectDescription(
    title="Stable Diffusion WebUI",
    text="The interface of the WebUI's clients: docs/sdwebui.md.",
    operations=_OPERATIONS,
    prefixes=("/sdapi/v1/",),
    error_model=answers.WebUiError,
    error_status=_status,
    path_parameters={},
)
