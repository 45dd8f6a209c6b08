"""Calls of one pipeline become one call, which draws all of their pictures in one pass."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import torch

from worker.engines.diffusion.families.family import PipelineCall


def call_key(call: PipelineCall, prompt_padding: int) -> Hashable:
    """Returns what calls must have in common to be merged: all that is not a row of its own for each picture.

    Tensors of one row may hold different values, if they have one shape. The same goes for lists of prompts,
    whose tokens count in multiples of ``prompt_padding``. Images that a pipeline sees beside every picture
    of a pass must be the very same, as in the pictures of one job.
    """
    arguments = sorted(call.arguments.items())
    return id(call.pipeline), tuple((name, _value_key(value, prompt_padding)) for name, value in arguments)


def merge_arguments(calls: Sequence[PipelineCall]) -> dict[str, Any]:
    """Returns the arguments of one call for all of ``calls``, which have one key."""
    first = calls[0].arguments
    return {name: _merge_values([call.arguments[name] for call in calls]) for name in first}


def _value_key(value: Any, prompt_padding: int) -> Hashable:
    if isinstance(value, torch.Tensor):
        return value.dtype, value.shape[1:]
    if _is_prompt_list(value):
        return tuple((each.dtype, -(-len(each) // prompt_padding), each.shape[1:]) for each in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return id(value)


def _merge_values(values: Sequence[Any]) -> Any:
    first = values[0]
    if isinstance(first, torch.Tensor):
        return torch.cat(list(values)) if len(values) > 1 else first
    if _is_prompt_list(first):
        return [prompt for value in values for prompt in value]
    return first


def _is_prompt_list(value: Any) -> bool:
    """Returns True for embeddings of prompts as tensors (tokens, width) in a list."""
    return isinstance(value, list) and all(isinstance(each, torch.Tensor) for each in value)
