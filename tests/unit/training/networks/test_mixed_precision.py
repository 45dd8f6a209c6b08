"""Mixed precision is used where the device has it."""

from __future__ import annotations

import pytest
import torch

from training.networks.mixed_precision import autocast


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
