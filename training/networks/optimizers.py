"""The optimizers for each kind of weights."""

from __future__ import annotations

import torch

from .mixed_precision import multiplies_bfloat16

_BETAS = (0.9, 0.98)
_DECAY = 0.01


def adamw(module: torch.nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Returns AdamW for all weights. Matrices decay, vectors (norms, biases) do not."""
    return [_adamw(list(module.parameters()), rate)]


def muon_and_adamw(
    module: torch.nn.Module, blocks: tuple[str, ...], rate: float
) -> list[torch.optim.Optimizer]:
    """Returns Muon (Jordan et al., 2024) for the matrices under ``blocks``, and AdamW for all others.

    Muon's steps are scaled to AdamW's usual size (arXiv:2502.16982), so that one rate serves both. Its matrix
    products are in bfloat16: a processor that emulates these is given AdamW alone.
    """
    if not multiplies_bfloat16(next(module.parameters()).device):
        return adamw(module, rate)
    named = list(module.named_parameters())
    inner = [p for name, p in named if name.startswith(blocks) and p.ndim == 2]
    outer = [p for name, p in named if not (name.startswith(blocks) and p.ndim == 2)]
    muon = torch.optim.Muon(inner, lr=rate, weight_decay=_DECAY, adjust_lr_fn="match_rms_adamw")
    return [muon, _adamw(outer, rate)]


def _adamw(weights: list[torch.nn.Parameter], rate: float) -> torch.optim.AdamW:
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": _DECAY},
        {"params": [p for p in weights if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=_BETAS, foreach=True)
