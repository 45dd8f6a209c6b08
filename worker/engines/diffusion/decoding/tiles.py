"""Decodes latents in tiles, for a picture whose decoding takes more memory than there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from worker.upscaler.host_copies import copy_to_host

_OVERLAP = 4  # a tile shares one of so many parts of its side with the next one, as in diffusers


def decode_in_tiles(decode: Callable[[Any], Any], latents: Any, tile: int) -> Any:
    """Returns (3, H, W) in 32-bit floats on the CPU for (1, C, h, w); ``decode`` makes one of a part.

    ``tile`` is the side of a tile in latents. A decoder normalizes, and often attends, over all that it gets,
    so that a tile differs a little from its place in the whole: tiles overlap, and are blended linearly.
    diffusers has the same method for some of its autoencoders, with tiles of a size that does not depend on
    the memory, and keeps all tiles on the device.
    """
    rows, columns = (_tile_starts(length, tile) for length in latents.shape[-2:])
    sums = weights = torch.empty(0)
    for top in rows:
        for left in columns:
            piece = copy_to_host(decode(latents[..., top : top + tile, left : left + tile]).float())
            high, wide = min(tile, latents.shape[-2]), min(tile, latents.shape[-1])
            scale = piece.shape[-1] // wide
            if not sums.numel():
                size = latents.shape[-2] * scale, latents.shape[-1] * scale
                sums, weights = torch.zeros(3, *size), torch.zeros(size)
            place = (slice(top * scale, (top + high) * scale), slice(left * scale, (left + wide) * scale))
            ramp = _ramp(high * scale)[:, None] * _ramp(wide * scale)
            sums[:, *place] += piece * ramp
            weights[place] += ramp
    return sums.div_(weights)


def _tile_starts(length: int, tile: int) -> list[int]:
    """Returns where the tiles along a side begin: evenly, with at least the overlap, the last at the end."""
    if length <= tile:
        return [0]
    step = max(1, tile - tile // _OVERLAP)
    gaps = -(-(length - tile) // step)
    return [n * (length - tile) // gaps for n in range(gaps + 1)]


def _ramp(length: int) -> torch.Tensor:
    """Returns weights along a tile's side, which rise over the overlap at both ends, and are never 0."""
    from_edge = torch.arange(length).minimum(torch.arange(length).flip(0)) + 1.0
    return from_edge.clamp(max=max(1, length // _OVERLAP))
