"""A stream of batches that other processes prepare ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

from torch.utils.data import DataLoader, Dataset

T = TypeVar("T")


def stream_batches(at: Callable[[int], T], numbers: Iterable[int], workers: int) -> Iterator[T]:
    """Yields ``at(n)`` for every number, in order. Worker processes run it, so it must not use a GPU."""
    loader: DataLoader[Any] = DataLoader(
        _NumberedDataset(at),
        batch_size=None,
        sampler=numbers,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
    return cast(Iterator[T], iter(loader))


class _NumberedDataset(Dataset[T], Generic[T]):
    def __init__(self, at: Callable[[int], T]) -> None:
        self._at = at

    def __getitem__(self, number: int) -> T:
        return self._at(number)
