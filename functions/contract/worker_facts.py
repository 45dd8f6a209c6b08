"""The facts of a worker: the device that its models ran on, and what its start was made of."""

from __future__ import annotations

from typing import Literal

from .document import DocumentPart


class DeviceFacts(DocumentPart):
    """The device on which the worker's models ran: ``cuda`` is a GPU, ``cpu`` the machine's processors."""

    kind: Literal["cpu", "cuda"]
    name: str  # as the driver or the kernel names it: "NVIDIA L4"


class ColdStartFacts(DocumentPart, use_attribute_docstrings=True):
    """The parts of a worker's start in milliseconds, which add up to `cold_start_ms`."""

    process_ms: int = 0
    """The container's process: the interpreter, and its first imports."""
    settings_ms: int = 0
    """Configuration, and secrets by name."""
    imports_ms: int = 0
    """The engine's process, and the libraries that it imports."""
    download_ms: int = 0
    """The time for which nothing was done but to wait for the models' files."""
    load_ms: int = 0
    """Weights, read and copied to the device."""
    compile_ms: int = 0
    """What was compiled before, fetched from the bucket."""
    warm_up_ms: int = 0
    """The first pass of each model, with what it compiles."""
    connect_ms: int = 0
    """From the models' readiness to the first job: the other processes, and the queue."""

    @property
    def total_ms(self) -> int:
        """Returns the whole start in milliseconds."""
        return sum(self.model_dump().values())
