"""An auxiliary head that predicts the layout from the middle of the transformer.

A small network learns slowly, from the flow loss alone, which word belongs to which patch. The head
classifies each patch's subject and colour from the hidden states half-way through. It is dropped after
training. (Compare representation alignment, arXiv:2410.06940; here the ground truth replaces the other
network.)
"""

from __future__ import annotations

from typing import cast

import torch
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from torch.nn import functional

from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

LAYOUT_WEIGHT = 0.08
"""The weight of the layout loss beside the flow loss."""


class TransformerWithLayoutHead(torch.nn.Module):
    """The transformer and the auxiliary head that is trained with it."""

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
        blocks[len(blocks) // 2 - 1].register_forward_hook(self._keep_states)

    def layout_loss(self, layout: torch.Tensor) -> torch.Tensor:
        """Returns the cross-entropy of the last forward pass for ``layout``, (batch, 2, height, width)."""
        patches = layout.shape[-2] * layout.shape[-1]
        states = self._states[:, self._text_tokens : self._text_tokens + patches]
        states = self.norm(states.float())
        answers = (self.subject(states), self.colour(states))
        truth = layout.flatten(2).unbind(1)
        losses = [functional.cross_entropy(a.transpose(1, 2), t) for a, t in zip(answers, truth, strict=True)]
        return torch.stack(losses).sum()

    def _keep_states(self, _block: torch.nn.Module, _given: object, result: object) -> None:
        self._states = cast(torch.Tensor, result[0] if isinstance(result, tuple) else result)


def transformer_weights(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Returns the transformer's weights without the head's."""
    prefix = "transformer."
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
