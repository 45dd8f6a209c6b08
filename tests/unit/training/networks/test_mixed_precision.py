"""Mixed precision is used where the device has it."""

from __future__ import annotations

import pytest
import torch

from training.networks.mixed_precision import autocast
from training.networks.optimizers import muon_and_adamw


@pytest.mark.parametrize(
    ("capability", "dtype"),
    [("avx512_bf16", torch.bfloat16), ("amx_bf16", torch.bfloat16), ("avx2", torch.float32)],
)
def test_a_processor_without_bfloat16_computes_in_single_precision(
    monkeypatch: pytest.MonkeyPatch, capability: str, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {capability: True})
    with autocast(torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype


@pytest.mark.parametrize(
    ("capability", "kinds"),
    [("avx512_bf16", [torch.optim.Muon, torch.optim.AdamW]), ("avx2", [torch.optim.AdamW])],
)
def test_a_processor_without_bfloat16_is_spared_the_products_of_muon(
    monkeypatch: pytest.MonkeyPatch, capability: str, kinds: list[type[torch.optim.Optimizer]]
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {capability: True})
    module = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.LayerNorm(4))
    optimizers = muon_and_adamw(module, ("0",), 1e-3)
    assert [type(optimizer) for optimizer in optimizers] == kinds
    trained = [weight for one in optimizers for group in one.param_groups for weight in group["params"]]
    assert len(trained) == len(list(module.parameters()))
