"""The family of each pipeline class that a model_index.json can name."""

from __future__ import annotations

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.families.family import Family
from worker.engines.diffusion.families.flux1 import Flux1
from worker.engines.diffusion.families.flux2_dev import Flux2Dev
from worker.engines.diffusion.families.flux2_klein import Flux2Klein
from worker.engines.diffusion.families.ltx_video import LTXVideo
from worker.engines.diffusion.families.qwen_image import QwenImage
from worker.engines.diffusion.families.qwen_image_edit import QwenImageEdit
from worker.engines.diffusion.families.sana import Sana
from worker.engines.diffusion.families.sana_sprint import SanaSprint
from worker.engines.diffusion.families.sd3 import StableDiffusion3
from worker.engines.diffusion.families.sdxl import StableDiffusionXL
from worker.engines.diffusion.families.wan import Wan, WanImage
from worker.engines.diffusion.families.z_image import ZImage

FAMILIES: dict[str, type[Family]] = {
    "Flux2KleinPipeline": Flux2Klein,
    "Flux2Pipeline": Flux2Dev,
    "FluxPipeline": Flux1,
    "LTXPipeline": LTXVideo,
    "QwenImageEditPlusPipeline": QwenImageEdit,
    "QwenImagePipeline": QwenImage,
    "SanaPipeline": Sana,
    "SanaSprintPipeline": SanaSprint,
    "StableDiffusion3Pipeline": StableDiffusion3,
    "StableDiffusionXLPipeline": StableDiffusionXL,
    "WanImageToVideoPipeline": WanImage,
    "WanPipeline": Wan,
    "ZImagePipeline": ZImage,
}


def find_family(pipeline_class: str) -> type[Family]:
    """Returns the family. Raises ModelUnavailable, which names the known classes."""
    try:
        return FAMILIES[pipeline_class]
    except KeyError:
        raise ModelUnavailable(
            f"The model is a {pipeline_class}; Plantain draws with {', '.join(FAMILIES)}."
        ) from None
