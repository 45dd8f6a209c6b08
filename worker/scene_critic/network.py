"""The detection network: the subject and the colour of each cell, and facts about the whole picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

CELL = 8  # pixels of the small picture: the stem and the stages halve it three times
GROUPS = 8


@dataclass(frozen=True)
class DetectorShape:
    """The numbers of classes and the widths. ``facts`` maps each fact to its number of answers."""

    subjects: int
    colours: int
    facts: Mapping[str, int]
    widths: Sequence[int] = (32, 64, 128)
    depth: int = 2  # residual blocks at the last size


class DetectionNetwork(nn.Module):
    """(batch, 3, h, w) in 0–1, h and w multiples of 8 → the logits of :class:`DetectorOutput`."""

    def __init__(self, shape: DetectorShape) -> None:
        super().__init__()
        self.shape = shape
        stages: list[nn.Module] = []
        before = 3
        for width in shape.widths:
            stages += [nn.Conv2d(before, width, 3, stride=2, padding=1), ResidualBlock(width)]
            before = width
        self.body = nn.Sequential(*stages, *(ResidualBlock(before) for _ in range(shape.depth)))
        self.context = nn.Linear(before, before)
        self.subject = nn.Conv2d(before, 1 + shape.subjects, 1)
        self.colour = nn.Conv2d(before, 1 + shape.colours, 1)
        self.whole = nn.Sequential(nn.Linear(2 * before, before), nn.SiLU())
        self.facts = nn.ModuleDict({name: nn.Linear(before, n) for name, n in shape.facts.items()})

    def forward(self, pictures: torch.Tensor) -> DetectorOutput:
        cells = self.body(pictures * 2 - 1)
        mean, most = cells.mean(dim=(2, 3)), cells.amax(dim=(2, 3))
        cells = cells + self.context(mean)[:, :, None, None]
        whole = self.whole(torch.cat([mean, most], dim=1))
        facts = {name: head(whole) for name, head in self.facts.items()}
        return DetectorOutput(self.subject(cells), self.colour(cells), facts)


@dataclass(frozen=True)
class DetectorOutput:
    """Logits of subjects and colours, each (batch, 1 + classes, h/8, w/8), and of facts; 0 is background."""

    subject: torch.Tensor
    colour: torch.Tensor
    facts: dict[str, torch.Tensor]


class ResidualBlock(nn.Module):
    """A residual block of two convolutions with group normalisation."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(GROUPS, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(GROUPS, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, cells: torch.Tensor) -> torch.Tensor:
        return cells + self.body(cells)
