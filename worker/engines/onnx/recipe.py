"""``recipe.json``: what a folder of ONNX files says beside its graphs, in place of the pipeline's configs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from functions.contract.errors import ModelUnavailable
from functions.contract.validation.messages import explain_fault

Precision = Literal["fp32", "fp16", "int8"]

FILE = "recipe.json"
TOKENIZER = "tokenizer.json"


class Schedule(BaseModel):
    """The noise levels as ``FlowMatchEulerDiscreteScheduler`` is configured to set them."""

    model_config = ConfigDict(frozen=True)

    shift: PositiveFloat
    dynamic: bool = False
    """Whether the shift follows the picture's tokens and the steps, as FLUX.2's own does."""
    shape: Literal["exponential", "linear"] = "exponential"


class ChatTemplate(BaseModel):
    """The chat that a prompt is laid in before it is read."""

    model_config = ConfigDict(frozen=True)

    before: str
    after: str
    trimmed: bool


class EnlargerFacts(BaseModel):
    """The super-resolution network: its name, how many times it enlarges, and how far it sees (small px)."""

    model_config = ConfigDict(frozen=True)

    name: str
    factor: PositiveInt
    reach: PositiveInt


class Recipe(BaseModel):
    """Areas in px², sides in px; ``channels`` are those of a latent that the transformer sees."""

    model_config = ConfigDict(frozen=True)

    model: str
    revision: str
    precision: Precision
    native_area: PositiveInt
    size_multiple: PositiveInt
    max_native_side: PositiveInt
    channels: PositiveInt
    steps: PositiveInt
    guidance: float = Field(ge=0)
    distilled: bool
    max_tokens: PositiveInt
    frame: ChatTemplate
    schedule: Schedule
    decoder_bytes: PositiveInt
    """What decoding takes at its peak for each pixel of the size that the model draws at."""
    enlargement: PositiveInt = 1
    """How many times larger than that size the decoder's pictures are."""
    enlarger: EnlargerFacts | None = None
    """Made for what the model draws."""
    any_enlarger: EnlargerFacts | None = None
    """For any picture, and for what the other would make too large."""

    @classmethod
    def read(cls, folder: Path) -> Recipe:
        """Raises ModelUnavailable where there is none, or one that is not valid."""
        try:
            return cls.model_validate_json((folder / FILE).read_bytes())
        except OSError:
            raise ModelUnavailable(
                f"There is no {FILE} in {folder}: make it with python -m training.onnx_export {folder}."
            ) from None
        except ValidationError as error:
            raise ModelUnavailable(f"{FILE} in {folder} is not valid: {explain_fault(error)}") from None

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(self.model_dump_json(indent=2) + "\n", "utf-8")
