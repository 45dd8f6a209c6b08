"""One phase of training: a module, its optimizers, its moving average and its progress.

A phase is saved every few minutes and resumes where it stopped. The data of a step are a function of its
number, so that an interrupted run ends in the same state as an uninterrupted one.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from .config import TrainingSpan

LossAt = Callable[[int], torch.Tensor]
"""Returns the loss of step n, a differentiable scalar."""


class TrainingPhase:
    """Trains a module, with checkpoints."""

    def __init__(
        self,
        name: str,
        module: torch.nn.Module,
        folder: Path,
        span: TrainingSpan,
        optimizers: Sequence[torch.optim.Optimizer],
        *,
        ema: float = 0.0,
    ) -> None:
        """``ema`` is the moving average's decay, 0 for none. The optimizers' rates are the peak rates.

        A checkpoint under ``folder`` is loaded.
        """
        self.name, self.module, self.span = name, module, span
        self.step, self.seconds = 0, 0.0
        self._file = folder / f"{name}.pt"
        self._journal = folder / f"{name}.jsonl"
        self._optimizers = optimizers
        self._peaks = [[group["lr"] for group in o.param_groups] for o in optimizers]
        self._ema_decay = ema
        self._ema = {k: v.clone() for k, v in module.state_dict().items()} if ema else {}
        if self._file.exists():
            self._load_checkpoint()

    @property
    def progress(self) -> float:
        """Returns the completed share of the span, 0 to 1."""
        return min(1.0, max(self.seconds / (60 * self.span.minutes), self.step / self.span.steps))

    @property
    def done(self) -> bool:
        """Returns True at the end of the span."""
        return self.progress >= 1.0

    def run(
        self,
        loss_at: LossAt,
        *,
        every_minutes: float = 5.0,
        at_checkpoint: Callable[[], None] = lambda: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Trains until the span ends or ``stop`` returns True, and saves in both cases."""
        first, last_save = self.step, time.monotonic()
        losses: list[torch.Tensor] = []
        while not self.done and not stop():
            started = time.monotonic()
            losses.append(self._train_one(loss_at))
            self.seconds += time.monotonic() - started
            if self.step % 50 == 0:
                self._log_losses(losses)
                losses = []
            if time.monotonic() - last_save > 60 * every_minutes:
                self.save()
                at_checkpoint()
                last_save = time.monotonic()
        if self.step > first:
            self.save()
            at_checkpoint()

    def averaged(self) -> dict[str, torch.Tensor]:
        """Returns the weights to keep: the moving average if there is one."""
        return self._ema if self._ema_decay else self.module.state_dict()

    def save(self) -> None:
        """Writes a checkpoint."""
        state = {
            "module": self.module.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "ema": self._ema,
            "step": self.step,
            "seconds": self.seconds,
        }
        part = self._file.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._file)

    def _train_one(self, loss_at: LossAt) -> torch.Tensor:
        share = _rate_share(self.step, self.progress)
        for optimizer, peaks in zip(self._optimizers, self._peaks, strict=True):
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * share
        loss = loss_at(self.step)
        self.module.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
        self.step += 1
        self._update_average()
        return loss.detach()

    @torch.no_grad()
    def _update_average(self) -> None:
        # The decay grows from 0, so that the average forgets the random start.
        decay = min(self._ema_decay, (1 + self.step) / (10 + self.step))
        if not self._ema_decay:
            return
        state = self.module.state_dict()
        real = [key for key, value in state.items() if value.dtype.is_floating_point]
        average = get_ema_multi_avg_fn(decay)
        average([self._ema[key] for key in real], [state[key] for key in real], self.step)
        for key in state.keys() - set(real):
            self._ema[key].copy_(state[key])

    def _log_losses(self, losses: list[torch.Tensor]) -> None:
        entry = {
            "step": self.step,
            "minutes": round(self.seconds / 60, 2),
            "loss": round(torch.stack(losses).mean().item(), 5),
        }
        with self._journal.open("a") as journal:
            journal.write(json.dumps(entry) + "\n")

    def _load_checkpoint(self) -> None:
        state: dict[str, Any] = torch.load(self._file, map_location="cpu", weights_only=True)
        self.module.load_state_dict(state["module"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        device = next(self.module.parameters()).device
        self._ema = {key: value.to(device) for key, value in state["ema"].items()}
        self.step, self.seconds = state["step"], state["seconds"]


def _rate_share(step: int, progress: float) -> float:
    """Returns the share of the peak rate: a linear warm-up over 200 steps, then a cosine to a fiftieth."""
    warm = min(1.0, (step + 1) / 200)
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
