"""Loads a checkpoint's pipeline onto a device."""

from __future__ import annotations

from typing import Any, get_args

import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from safetensors import SafetensorError
from transformers.utils import logging as transformers_logging

from functions.contract.errors import ModelUnavailable
from worker.cold_start.start_parts import StartParts
from worker.engines.diffusion.acceleration.weights import EightBits, check_weights, quantize_weights
from worker.engines.diffusion.arriving import load_components
from worker.engines.diffusion.card import DType
from worker.engines.diffusion.checkpoint import Checkpoint
from worker.engines.diffusion.failures import first_line
from worker.engines.diffusion.families.family import Family
from worker.engines.diffusion.families.registry import find_family

_WEIGHTS = (*get_args(DType), *get_args(EightBits))  # the last are no dtypes of torch's: products are in them

# The errors of diffusers, transformers and torch for files that are missing, cut short or of another model,
# and for a device that is absent or full.
_LOADING_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ImportError,
    RuntimeError,
    AssertionError,
    SafetensorError,
)


def load_family(
    checkpoint: Checkpoint, device: str | None, dtype: str | None, start: StartParts | None = None
) -> Family:
    """Returns the checkpoint's family, with its weights on the device. Raises ModelUnavailable.

    ``start`` measures how long the loading waits for a download.
    """
    family = find_family(checkpoint.pipeline_class)
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    chosen = dtype or checkpoint.card.dtype or ("bfloat16" if place.startswith("cuda") else "float32")
    if chosen not in _WEIGHTS:
        raise ModelUnavailable(f"There is no dtype {chosen}; say one of {', '.join(_WEIGHTS)}.")
    _silence_libraries()
    try:
        if chosen == "int8" or chosen == "fp8":
            check_weights(chosen, place)
        # The layers that are not quantized compute in floats.
        floats = "float32" if place == "cpu" else "bfloat16"
        single = getattr(torch, floats if chosen in get_args(EightBits) else chosen)
        arrived = _load_arriving(checkpoint, place, single, start)
        parts = family.load_parts(checkpoint.directory)
        pipeline = _load_pipeline(checkpoint, place, single, parts, arrived)
        _refuse_empty_tokenizers(checkpoint, pipeline)
        if chosen == "int8" or chosen == "fp8":
            quantize_weights(pipeline, chosen, place)
        return family(pipeline, checkpoint.card)
    except _LOADING_ERRORS as error:
        raise ModelUnavailable(
            f"The model {checkpoint.source} cannot be loaded on {place}: {first_line(error)}"
        ) from error


def _refuse_empty_tokenizers(checkpoint: Checkpoint, pipeline: Any) -> None:
    """Raises ModelUnavailable for a tokenizer that transformers silently made without its files."""
    for name, part in pipeline.components.items():
        if not name.startswith("tokenizer") or not part:
            continue
        if len(part) <= len(part.all_special_ids) + 1:
            raise ModelUnavailable(
                f"The {name} of {checkpoint.source} has no vocabulary: its files are missing. Fetch it again."
            )


def _silence_libraries() -> None:
    for logging in (diffusers_logging, transformers_logging):
        logging.disable_progress_bar()
        # A warning about a prompt that is too long quotes the prompt; prompts are private.
        logging.set_verbosity_error()


def _load_arriving(
    checkpoint: Checkpoint, device: str, dtype: torch.dtype, start: StartParts | None
) -> dict[str, Any]:
    """Returns the components of a model that is still being downloaded; none of one that is here."""
    if checkpoint.download is None:
        return {}
    return load_components(checkpoint.download, device, dtype, start or StartParts("load"))


def _load_pipeline(
    checkpoint: Checkpoint, device: str, dtype: torch.dtype, parts: dict[str, Any], arrived: dict[str, Any]
) -> Any:
    """Loads the pipeline from safetensors only, without pickles or the model's own code.

    ``parts`` and ``arrived`` are components that are loaded already. Diffusers need not know a part's class.
    """
    pipeline = DiffusionPipeline.from_pretrained(
        checkpoint.directory,
        dtype=dtype,
        use_safetensors=True,
        local_files_only=True,
        **arrived,
        **dict.fromkeys(parts),
    )
    pipeline.register_modules(**parts)
    return pipeline.to(device)
