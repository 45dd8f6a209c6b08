"""From a checkpoint's files to a family ready on a device."""

from __future__ import annotations

from typing import Any, get_args

import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.utils import logging as diffusers_logging
from safetensors import SafetensorError
from transformers.utils import logging as transformers_logging

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.card import DType
from worker.engines.diffusion.checkpoint import Checkpoint
from worker.engines.diffusion.failures import first_line
from worker.engines.diffusion.families.family import Family
from worker.engines.diffusion.families.registry import family_of
from worker.engines.diffusion.int8 import quantize

INT8 = "int8"  # no dtype of torch's: the products alone are, see int8.py

# What diffusers, transformers and torch raise for files that are missing, cut short or of another model,
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


def load(checkpoint: Checkpoint, device: str | None, dtype: str | None) -> Family:
    """The checkpoint's family, its weights on the device. Raises ModelUnavailable."""
    family = family_of(checkpoint.pipeline_class)
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    chosen = dtype or checkpoint.card.dtype or ("bfloat16" if place.startswith("cuda") else "float32")
    if chosen not in (*get_args(DType), INT8):
        known = ", ".join((*get_args(DType), INT8))
        raise ModelUnavailable(f"There is no dtype {chosen}; say one of {known}.")
    if chosen == INT8 and place != "cpu":
        raise ModelUnavailable(
            f"int8 is for the CPU; on {place} say bfloat16, or name the cpu as the device."
        )
    try:
        # What is not quantized computes in single precision beside it.
        pipeline = _pipeline(checkpoint, place, getattr(torch, "float32" if chosen == INT8 else chosen))
        _refuse_empty_tokenizers(checkpoint, pipeline)
        if chosen == INT8:
            quantize(pipeline)
        return family(pipeline, checkpoint.card)
    except _LOADING_ERRORS as error:
        raise ModelUnavailable(
            f"The model {checkpoint.source} cannot be loaded on {place}: {first_line(error)}"
        ) from error


def _refuse_empty_tokenizers(checkpoint: Checkpoint, pipeline: Any) -> None:
    """transformers makes a tokenizer without words, and without a word, of files that are missing."""
    for name, part in pipeline.components.items():
        if name.startswith("tokenizer") and part and len(part) <= len(part.all_special_ids) + 1:
            raise ModelUnavailable(
                f"The {name} of {checkpoint.source} has no vocabulary: its files are missing. Fetch it again."
            )


def _pipeline(checkpoint: Checkpoint, device: str, dtype: torch.dtype) -> Any:
    """Only safetensors are read, no pickles, and no code of the model's is run."""
    for logging in (diffusers_logging, transformers_logging):
        logging.disable_progress_bar()
        # A warning about a prompt that is too long quotes the prompt; prompts are private.
        logging.set_verbosity_error()
    pipeline = DiffusionPipeline.from_pretrained(
        checkpoint.directory, dtype=dtype, use_safetensors=True, local_files_only=True
    )
    return pipeline.to(device)
