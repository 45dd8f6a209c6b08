"""The bytes that the pictures of all jobs in progress may take."""

from __future__ import annotations

from functions.contract.pictures.memory_budget import MemoryBudget
from worker.engines.free_memory import available_bytes

_SHARE = 0.7  # of what is free once the models are loaded
_DECODERS_SHARE = 0.3  # of that: what decoders may take at once, beside the decoded pictures


def build_memory_budgets(total: int | None) -> tuple[MemoryBudget, MemoryBudget]:
    """Returns the budgets of the jobs and of the decoders, out of ``total`` bytes or of what is free."""
    total = total or int(available_bytes() * _SHARE)
    decoders = int(total * _DECODERS_SHARE)
    return MemoryBudget(total - decoders), MemoryBudget(decoders)
