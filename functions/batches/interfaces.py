"""What other services' interfaces do with the batches that were created through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..contract.batch import BatchRecord
from ..contract.errors import Transient
from ..services import Services
from .line_formats import LineFormats


class WriteAnswers(Protocol):
    """Writes the files of answers of a batch whose jobs have all ended, for about ``seconds``.

    Returns True when all of them are written. A further call goes on where this one ended, or where it was
    interrupted. Raises Transient.
    """

    def __call__(self, services: Services, record: BatchRecord, seconds: float) -> bool: ...


@dataclass(frozen=True)
class BatchInterfaces:
    """How files of requests are read and files of answers are written, each by the name of its dialect."""

    lines: LineFormats = field(default_factory=dict)
    answers: Mapping[str, WriteAnswers] = field(default_factory=dict[str, WriteAnswers])

    def write_answers(self, services: Services, record: BatchRecord, seconds: float) -> bool:
        """Does as ``WriteAnswers``. Raises Transient for a dialect that only a newer Plantain has, too."""
        write = self.answers.get(record.dialect.name) if record.dialect else None
        if write is None:
            raise Transient("The answers are files of an interface that this version does not have.")
        return write(services, record, seconds)
