"""What the coming steps train on, prepared ahead of them by other processes where there are processors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

from torch.utils.data import DataLoader, Dataset

T = TypeVar("T")


def stream(at: Callable[[int], T], numbers: Iterable[int], workers: int) -> Iterator[T]:
    """``at(n)`` for every number, in order. Where there are workers, they run it; it must not use a GPU."""
    loader: DataLoader[Any] = DataLoader(
        _Numbered(at),
        batch_size=None,
        sampler=numbers,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
    return cast(Iterator[T], iter(loader))


class _Numbered(Dataset[T], Generic[T]):
    def __init__(self, at: Callable[[int], T]) -> None:
        self._at = at

    def __getitem__(self, number: int) -> T:
        return self._at(number)
