"""The table of known models: what each is, what it may be used for, and what it takes."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.contract.engine_limits import Feature

_TABLE = Path(__file__).with_name("known_models.toml")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

CommercialUse = Literal["yes", "no", "with conditions"]


class KnownModel(BaseModel):
    """A model that a family of Plantain draws with.

    Attributes:
        source: the id on the Hugging Face hub, ``owner/name``; or the folder that comes with Plantain.
        pipeline: the class name in its ``model_index.json``.
        gated: the hub asks for a token of an account that has accepted the licence.
        gigabytes: of its files, in units of 10⁹ bytes, rounded.
        parameters: of all its networks, in units of 10⁹.
        side: of the square picture for which the operations are given, in px.
        clip: of a model that draws clips, the one for which they are given, in place of a picture.
        encode_tflops: 10¹² floating-point operations for a prompt.
        step_tflops: the same for a step, with all its passes through the denoiser.
        decode_tflops: the same for the decoder.
        instructions: a prompt that comes with an image says what to change in it.
        needs_image: it draws nothing from text alone.
        refuses: the features that its family does not have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME.pattern)
    source: str
    pipeline: str
    licence: str
    licence_page: str
    commercial_use: CommercialUse
    gated: bool = False
    gigabytes: float = Field(gt=0)
    parameters: float = Field(gt=0)
    side: int = 1024
    clip: str = ""
    steps: int
    encode_tflops: float
    step_tflops: float
    decode_tflops: float
    instructions: bool = False
    needs_image: bool = False
    refuses: tuple[Feature, ...] = ()
    note: str = ""

    @property
    def is_embedded(self) -> bool:
        """True for the model that comes with Plantain and is never pulled."""
        return self.source.startswith("worker/")

    @property
    def tasks(self) -> tuple[str, ...]:
        """Returns what can be asked of it, in the words of ``plantain models list``."""
        if self.clip:
            return ("animate",)
        edits = () if "strength" in self.refuses and not self.instructions else ("edit",)
        further = (name for name in ("region", "references") if name not in self.refuses)
        drawn = () if self.needs_image else ("generate",)
        return (*drawn, *edits, *further)

    @property
    def all_refused(self) -> tuple[Feature, ...]:
        """Returns what a deployment refuses for it: what its family does not have, and clips or pictures."""
        return (*self.refuses, "pictures" if self.clip else "animate")

    @property
    def picture_tflops(self) -> float:
        """Returns 10¹² floating-point operations for one picture, or the clip, with the usual steps."""
        return self.encode_tflops + self.steps * self.step_tflops + self.decode_tflops


@lru_cache(maxsize=1)
def known_models() -> dict[str, KnownModel]:
    """Returns the known models by name, in the table's order."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    return {name: KnownModel.model_validate({"name": name, **facts}) for name, facts in table.items()}


def is_model_name(text: str) -> bool:
    """Returns True for a text of small letters, digits, ``.``, ``_`` and ``-`` that can name a model."""
    return _NAME.fullmatch(text) is not None
