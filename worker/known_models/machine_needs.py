"""What a known model needs of a machine: memory by precision, and where it is at home."""

from __future__ import annotations

from worker.known_models.known_model import KnownModel

# The decoder's maps and the denoiser's activations at 1024 x 1024, beside the weights.
_WORKING_BYTES = 3 * 10**9
_CLIP_WORKING_BYTES = 10 * 10**9  # decoding four frames of 1280 x 704 with Wan 2.2's decoder, calculated
_GPU_SIZES = (8, 12, 16, 24, 32, 40, 48, 80, 96, 141, 180)  # GB of the usual cards


def needed_bytes(model: KnownModel, bytes_per_parameter: int) -> int:
    """Returns the memory for the weights and one picture or clip.

    ``bytes_per_parameter``: 2 for bfloat16, 4 for float32.
    """
    usual = _CLIP_WORKING_BYTES if model.clip else _WORKING_BYTES
    working = min(usual, int(model.parameters * 4e9))  # a tiny model has small maps as well
    return int(model.parameters * 1e9) * bytes_per_parameter + working


def machine_text(model: KnownModel) -> str:
    """Returns the smallest usual machine: ``laptop``, or a GPU with so many GB."""
    needed = needed_bytes(model, 2) / 1e9
    if model.is_embedded:
        return "any laptop"
    fitting = next((size for size in _GPU_SIZES if size >= needed), None)
    return f"GPU with {fitting} GB" if fitting else f"GPUs with {needed:.0f} GB"
