"""``recipe.json``: the settings of an exported model, in place of the pipeline's configs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from functions.contract.errors import ModelUnavailable
from functions.contract.validation.messages import explain_fault
from worker.engines.protocol import Domain

Precision = Literal["fp32", "fp16", "int8"]

FILE = "recipe.json"
TOKENIZER = "tokenizer.json"
OWN, FURTHER, ANY = "enlarger", "further_enlarger", "any_enlarger"
"""The names of the super-resolution networks' graphs, and of their fields in the recipe."""


class Schedule(BaseModel):
    """The configuration of ``FlowMatchEulerDiscreteScheduler``, which sets the noise levels."""

    model_config = ConfigDict(frozen=True)

    shift: PositiveFloat
    dynamic: bool = False
    """True if the shift depends on the picture's tokens and the steps, as FLUX.2's own does."""
    shape: Literal["exponential", "linear"] = "exponential"


class ChatTemplate(BaseModel):
    """The text that the model's chat template puts around a prompt."""

    model_config = ConfigDict(frozen=True)

    before: str
    after: str
    trimmed: bool


class EnlargerFacts(BaseModel):
    """A super-resolution network: its name, its factor, and how far it sees (px of the small picture)."""

    model_config = ConfigDict(frozen=True)

    name: str
    factor: PositiveInt
    reach: PositiveInt


class Recipe(BaseModel):
    """An exported model. Areas are in px², sides in px; ``channels`` are the transformer's latents'."""

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
    """The bytes that decoding takes at its peak, for each pixel of the native size."""
    enlargement: PositiveInt = 1
    """How many times larger than the native size the decoder's pictures are."""
    domain: Domain | None = None
    """What the model draws; None if that is not limited."""
    writes: bool | None = None
    """Whether the model can write words that are asked for; None if that is not known."""
    enlarger: EnlargerFacts | None = None
    """The network for the model's own drawings."""
    further_enlarger: EnlargerFacts | None = None
    """The network for all passes after the first; None if that is the same one."""
    any_enlarger: EnlargerFacts | None = None
    """The network for any picture."""

    @property
    def own_enlargers(self) -> dict[str, EnlargerFacts]:
        """Returns the networks for the model's own drawings by their graphs, in the order of the passes."""
        graphs = {OWN: self.enlarger, FURTHER: self.further_enlarger}
        return {graph: facts for graph, facts in graphs.items() if facts}

    @classmethod
    def read(cls, folder: Path) -> Recipe:
        """Reads the folder's recipe. Raises ModelUnavailable if it is missing or not valid."""
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
