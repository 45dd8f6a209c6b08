"""A denoiser's pass as a CUDA graph: the device starts all kernels of a pass at once.

https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import torch

_KEPT = 4  # graphs; each keeps the memory of a pass
_COUNTED = 256  # kinds of calls
_WARM_UPS = 2  # calls before a capture: kernels are chosen, and blocks compiled, in them

Replay = Callable[[dict[str, Any]], Any]
Capture = Callable[[Callable[..., Any], dict[str, Any]], Replay]


class GraphedForward:
    """In place of a denoiser's ``forward``: replays the graph of the arguments' shapes and values.

    A pass that was called with positional arguments, or with what is neither a tensor nor plain, runs as it
    is. So do all passes once a capture fails: a network that asks the device for a value cannot be captured.
    """

    def __init__(
        self, forward: Callable[..., Any], capture: Capture | None = None, kept: int = _KEPT
    ) -> None:
        self._forward = forward
        self._capture = capture or capture_graph
        self._kept = kept
        self._calls: dict[Hashable, int] = {}
        self._graphs: OrderedDict[Hashable, Replay] = OrderedDict()
        self._is_on = True

    def __call__(self, *positional: Any, **arguments: Any) -> Any:
        key = _key(arguments) if self._is_on and not positional else None
        if key is None:
            return self._forward(*positional, **arguments)
        if key not in self._graphs:
            if len(self._calls) > _COUNTED:
                self._calls.clear()
            self._calls[key] = self._calls.get(key, 0) + 1
            if self._calls[key] <= _WARM_UPS or not self._record(key, arguments):
                return self._forward(**arguments)
        self._graphs.move_to_end(key)
        return self._graphs[key](arguments)

    def _record(self, key: Hashable, arguments: dict[str, Any]) -> bool:
        """Returns True if the pass was captured."""
        while len(self._graphs) >= self._kept:
            dropped, _ = self._graphs.popitem(last=False)
            self._calls[dropped] = 0
        try:
            self._graphs[key] = self._capture(self._forward, arguments)
        except RuntimeError:
            self._is_on = False
            self._graphs.clear()
        return self._is_on


def capture_graph(forward: Callable[..., Any], arguments: dict[str, Any]) -> Replay:
    """Captures a pass on copies of its tensors, and returns a function that replays it on others.

    The result is a copy: the graph's own is overwritten by the next replay. Raises RuntimeError.
    """
    held = {name: value.clone() if _is_tensor(value) else value for name, value in arguments.items()}
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = forward(**held)

    def replay(given: dict[str, Any]) -> Any:
        for name, value in given.items():
            if _is_tensor(value):
                held[name].copy_(value)
        graph.replay()
        return _copy_tensors(result)

    return replay


def _copy_tensors(result: Any) -> Any:
    if isinstance(result, tuple | list):
        return type(result)(map(_copy_tensors, result))
    return result.clone() if _is_tensor(result) else result


def _key(arguments: dict[str, Any]) -> Hashable | None:
    """Returns what a graph is bound to; None where that cannot be told."""
    parts: list[Hashable] = []
    for name, value in sorted(arguments.items()):
        if _is_tensor(value):
            parts.append((name, tuple(value.shape), value.dtype, value.device))
        elif value is None or isinstance(value, bool | int | float | str):
            parts.append((name, value))
        else:
            return None
    return tuple(parts)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor)
