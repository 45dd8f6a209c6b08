"""``plantain.json``: the facts about a model that cannot be guessed from its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from functions.contract.errors import ModelUnavailable
from functions.contract.validation.messages import explain_fault
from worker.engines.protocol import Domain

DType = Literal["float32", "bfloat16", "float16"]

FILE = "plantain.json"


class ModelCard(BaseModel):
    """A model's card. The pipeline's family has values for missing fields. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str | None = None
    revision: str | None = None
    dtype: DType | None = None
    native_area: PositiveInt | None = None
    size_multiple: PositiveInt | None = None
    max_native_side: PositiveInt | None = None
    steps: PositiveInt | None = None
    guidance: float | None = Field(default=None, ge=0)
    max_sequence_length: PositiveInt | None = None
    fps: PositiveInt | None = None
    max_frames: PositiveInt | None = None
    enlarger: str | None = None  # the network in worker/upscaler/weights for its drawings
    further_enlarger: str | None = None  # the one for all passes after the first; None: the same
    domain: Domain | None = None  # what the model draws; photographs are outside of "illustration"
    writes: bool | None = None  # whether it can write words that are asked for
    text_encoder_out_layers: tuple[int, ...] | None = Field(default=None, min_length=1)

    @property
    def enlargers(self) -> tuple[str, ...]:
        """Returns the networks for its drawings in the order of the passes, as ``Engine.enlargers``."""
        return tuple(name for name in (self.enlarger, self.further_enlarger) if name)

    @classmethod
    def read(cls, directory: Path) -> ModelCard:
        """Returns the directory's card, or an empty one. Raises ModelUnavailable for an invalid one."""
        try:
            return cls.model_validate_json((directory / FILE).read_bytes())
        except FileNotFoundError:
            return cls()
        except ValidationError as error:
            raise ModelUnavailable(f"{FILE} in {directory} is not valid: {explain_fault(error)}") from None
        except OSError as error:
            raise ModelUnavailable(f"{FILE} in {directory} cannot be read: {error.strerror}") from None


class ModelDefaults(BaseModel):
    """The parameters of a loaded model: the values of its family, or of its card where it has them.

    Areas are in px², sides in px; ``text_encoder_out_layers`` is empty if the family offers no choice.
    ``fps`` and ``max_frames`` are of the clips that the model draws.
    """

    model_config = ConfigDict(frozen=True)

    native_area: int
    size_multiple: int
    max_native_side: int
    steps: int
    guidance: float
    max_sequence_length: int = 0
    fps: int = 0
    max_frames: int = 0
    text_encoder_out_layers: tuple[int, ...] = ()

    def overridden_by(self, card: ModelCard) -> ModelDefaults:
        """Returns these defaults with the card's values in their place."""
        stated = card.model_dump(include=set(ModelDefaults.model_fields), exclude_none=True)
        return self.model_copy(update=stated)
