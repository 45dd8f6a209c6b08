"""Which family draws with a pipeline, by the class name in its model_index.json."""

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


def family_of(pipeline_class: str) -> type[Family]:
    """Raises ModelUnavailable, naming the classes that there are."""
    try:
        return FAMILIES[pipeline_class]
    except KeyError:
        raise ModelUnavailable(
            f"The model is a {pipeline_class}; Plantain draws with {', '.join(FAMILIES)}."
        ) from None
