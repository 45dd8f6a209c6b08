"""The family of each pipeline class that a model_index.json can name."""

from __future__ import annotations

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.families.family import Family
from worker.engines.diffusion.families.flux1 import Flux1
from worker.engines.diffusion.families.flux2_klein import Flux2Klein
from worker.engines.diffusion.families.sdxl import StableDiffusionXL

FAMILIES: dict[str, type[Family]] = {
    "Flux2KleinPipeline": Flux2Klein,
    "FluxPipeline": Flux1,
    "StableDiffusionXLPipeline": StableDiffusionXL,
}


def find_family(pipeline_class: str) -> type[Family]:
    """Returns the family. Raises ModelUnavailable, which names the known classes."""
    try:
        return FAMILIES[pipeline_class]
    except KeyError:
        raise ModelUnavailable(
            f"The model is a {pipeline_class}; Plantain draws with {', '.join(FAMILIES)}."
        ) from None
