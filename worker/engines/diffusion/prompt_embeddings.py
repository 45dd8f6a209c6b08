"""The embeddings of the latest prompts: a prompt that comes again is not encoded again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

KEPT_BYTES = 64 << 20  # some eight prompts of FLUX.2 klein


class PromptEmbeddings:
    """Keeps what a text encoder gave, on its device; the oldest are dropped beyond ``kept_bytes``."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._found: OrderedDict[str, Any] = OrderedDict()

    def find(self, key: str, encode: Callable[[], Any]) -> Any:
        """Returns what is kept under ``key``, or what ``encode`` returns: tensors, in tuples and lists."""
        if key not in self._found:
            self._found[key] = encode()
        self._found.move_to_end(key)
        found = _with_own_lists(self._found[key])
        while self._found and sum(map(_count_bytes, self._found.values())) > self._kept_bytes:
            self._found.popitem(last=False)
        return found


def _with_own_lists(value: Any) -> Any:
    """Returns the same tensors in other lists, which their user may add to."""
    return type(value)(map(_with_own_lists, value)) if isinstance(value, tuple | list) else value


def _count_bytes(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_count_bytes, value))
    return 0 if value is None else value.nbytes
