"""A teacher for the middle of the transformer: what lies where, which the renderer knows exactly.

A flow loss alone tells a small network slowly which word belongs to which patch. A head that must name each
patch's subject and colour from the states half-way through tells it at once, and is thrown away afterwards
(in the manner of representation alignment, arXiv:2410.06940, with the truth in place of another network).
"""

from __future__ import annotations

from typing import cast

import torch
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from torch.nn import functional

from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

WEIGHT = 0.08
"""Of the layout's loss, beside the flow's."""


class Pupil(torch.nn.Module):
    """The transformer and the head that is trained with it."""

    def __init__(self, transformer: Flux2Transformer2DModel, text_tokens: int) -> None:
        super().__init__()
        self.transformer = transformer
        self._text_tokens = text_tokens
        width = transformer.inner_dim
        self.norm = torch.nn.LayerNorm(width)
        self.subject = torch.nn.Linear(width, 1 + len(SUBJECTS))
        self.colour = torch.nn.Linear(width, 1 + len(COLOURS))
        self._states = torch.empty(0)
        blocks = transformer.single_transformer_blocks
        blocks[len(blocks) // 2 - 1].register_forward_hook(self._keep)

    def layout_loss(self, layout: torch.Tensor) -> torch.Tensor:
        """How badly the last forward pass knew ``layout``, (batch, 2, height, width), 0 where nothing is."""
        patches = layout.shape[-2] * layout.shape[-1]
        states = self._states[:, self._text_tokens : self._text_tokens + patches]
        states = self.norm(states.float())
        answers = (self.subject(states), self.colour(states))
        truth = layout.flatten(2).unbind(1)
        losses = [functional.cross_entropy(a.transpose(1, 2), t) for a, t in zip(answers, truth, strict=True)]
        return torch.stack(losses).sum()

    def _keep(self, _block: torch.nn.Module, _given: object, result: object) -> None:
        self._states = cast(torch.Tensor, result[0] if isinstance(result, tuple) else result)


def transformer_weights(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The transformer's own part of a pupil's weights."""
    prefix = "transformer."
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
