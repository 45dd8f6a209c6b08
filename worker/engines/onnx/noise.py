"""Draws the noise of a seed: torch's own numbers, without torch.

torch's CPU generator is MT19937, which numpy has too. A float32 uniform is the low 24 bits of a draw; blocks
of 16 uniforms become 16 normals by Box and Muller's transform, eight radii before eight angles; a last block
that is not full is drawn again over the last 16 places (ATen/native/cpu/DistributionTemplates.h:
normal_fill).
"""

from __future__ import annotations

from math import pi, prod

import numpy as np
from numpy.typing import NDArray

_BLOCK = 16
_SEED_BITS = 0xFFFFFFFF  # of a seed, torch's generator takes the low 32
_UNIFORM_BITS = 24


def draw_normal(shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    """Returns ``torch.randn(shape, generator=torch.Generator().manual_seed(seed))``, to 1e-6.

    The rest is a difference of logarithms. Raises ValueError for fewer than 16 numbers, which torch draws in
    another way.
    """
    count = prod(shape)
    if count < _BLOCK:
        raise ValueError(f"Fewer than {_BLOCK} numbers are not drawn here.")
    generator = np.random.RandomState(seed & _SEED_BITS)
    drawn = _draw_uniform(generator, count)
    whole = count // _BLOCK * _BLOCK
    numbers = np.empty(count, np.float32)
    numbers[:whole] = _box_muller(drawn[:whole])
    if whole < count:
        numbers[-_BLOCK:] = _box_muller(_draw_uniform(generator, _BLOCK))
    return numbers.reshape(shape)


def _draw_uniform(generator: np.random.RandomState, count: int) -> NDArray[np.float32]:
    """Returns (count,) from 0 to below 1."""
    # numpy promises never to change the numbers of this old class. A power of two takes the low bits.
    bits = generator.randint(1 << _UNIFORM_BITS, size=count, dtype=np.uint32)
    return bits.astype(np.float32) * np.float32(2.0**-_UNIFORM_BITS)


def _box_muller(uniform: NDArray[np.float32]) -> NDArray[np.float32]:
    blocks = uniform.reshape(-1, 2, _BLOCK // 2)
    radius = np.sqrt(-2 * np.log(1 - blocks[:, 0]))
    angle = np.float32(2 * pi) * blocks[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)
