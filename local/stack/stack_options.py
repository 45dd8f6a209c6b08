"""What a caller chooses about a stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from local.data_folder import DEFAULT
from local.http_servers.ports import HOST, StackPorts


@dataclass(frozen=True)
class StackOptions:
    """The options of a stack.

    Attributes:
        data: the folder that keeps everything.
        host: where the API and the emulators listen; all other parts listen on 127.0.0.1.
        model: the default model; None leaves it to the environment.
        traced: the stack keeps its own spans in the data folder.
        exactly_once: the worker's subscription confirms acknowledgements; otherwise messages may come twice.
        remote: models whose jobs go to a Vertex AI endpoint, which runs on this machine as well.
        faults: the value of each fault that is switched on at the start, by server.
    """

    data: Path = DEFAULT
    ports: StackPorts = field(default_factory=StackPorts)
    host: str = HOST
    workers: int = 1
    model: str | None = None
    traced: bool = False
    exactly_once: bool = True
    remote: tuple[str, ...] = ()
    faults: dict[str, dict[str, float]] = field(default_factory=dict)
