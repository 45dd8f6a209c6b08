"""Two figures of how close enlarged pictures come to renders: PSNR, and the sharpness of their edges."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch.nn import functional

PicturePair = tuple[torch.Tensor, torch.Tensor]


def measure_crispness(pairs: Iterable[PicturePair]) -> tuple[float, float]:
    """Returns the PSNR in dB, and the gradient energy as a share of the true one.

    ``pairs`` are batches of drawn and of true pictures, (batch, 3, h, w) from -1 to 1.
    """
    errors, energies, true_energies = [], [], []
    for drawn, true in pairs:
        errors.append(functional.mse_loss(drawn, true).item())
        energies.append(_gradient_energy(drawn))
        true_energies.append(_gradient_energy(true))
    return 10 * float(np.log10(4.0 / np.mean(errors))), float(np.sum(energies) / np.sum(true_energies))


def _gradient_energy(pictures: torch.Tensor) -> float:
    return (pictures.diff(dim=2) ** 2).mean().item() + (pictures.diff(dim=3) ** 2).mean().item()
