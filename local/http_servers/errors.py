"""Errors that keep a server of the laptop from starting."""

from __future__ import annotations

from functions.contract.errors import PlantainError


class PortTaken(PlantainError):
    """Another process listens on the port."""

    code, title = "port_taken", "The port is taken"
    remedy = "Stop the other process, or name another port (`--port`)."


class DirectoryUnusable(PlantainError):
    """The directory cannot be used: another server has it, it is not writable, or was written by another
    program.
    """

    code, title = "directory_unusable", "The directory cannot be used"
    remedy = "Name another folder with `--data`, or make it writable."
