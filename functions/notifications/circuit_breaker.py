"""A circuit breaker for each receiver: one that does not answer is not called, except once in a while.

Functions keep no state, so the circuit is an object of the jobs bucket. It exists only while calls fail:

| object                                | the next call                                         |
|---------------------------------------|-------------------------------------------------------|
| none, or fewer than ``TRIP`` failures | is made                                               |
| ``open_until`` is in the future       | is not made: the attempt ends as ``circuit_open``     |
| ``open_until`` has passed             | is made by one caller, who tries for all the others   |

An answer removes the object; a failure opens the circuit again, for twice as long.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from ..contract import paths
from ..contract.document import Document, Instant, now
from ..contract.errors import InvalidRequest, NotFound, Overtaken, PlantainError
from ..contract.storage.bucket import NEW, Bucket
from ..contract.storage.record_store import VersionedRecord
from ..contract.telemetry.log import log

TRIP = 5  # calls in a row
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=2)
# The answers of a receiver, or of a proxy before it, that cannot take calls now.
_UNAVAILABLE = frozenset({429, 502, 503, 504})
_RACES = 5


class CircuitOpen(PlantainError):
    """The receiver did not answer the last calls, so this one was not made."""

    code, status, title, retryable = "circuit_open", 503, "The receiver is not called for a while", True
    remedy = "Nothing: the next call comes by the schedule of docs/webhooks.md."


class Circuit(Document):
    kind: ClassVar[str] = "circuit"

    failures: int = Field(default=0, ge=0)  # calls in a row that were not answered
    open_until: Instant | None = None

    def after_failure(self, at: datetime) -> Circuit:
        """Returns a copy with one failure more, which opens the circuit from the ``TRIP``-th on."""
        failures = self.failures + 1
        if failures < TRIP:
            return Circuit(failures=failures)
        return Circuit(
            failures=failures, open_until=at + min(_LONGEST, _FIRST * 2 ** min(failures - TRIP, 8))
        )


StoredCircuit = VersionedRecord[Circuit]


class ReceiverCircuit:
    """The circuit of one receiver. Every method raises Transient when the storage does not answer."""

    def __init__(self, jobs: Bucket, name: str) -> None:
        self._jobs = jobs
        self._name = name
        self._found: StoredCircuit | None = None

    def admit(self, claim: timedelta, *, insist: bool = False) -> None:
        """Allows a call that takes ``claim`` at most. Raises CircuitOpen if none may be made.

        ``insist`` allows the call whatever the circuit says.
        """
        self._found = self._read()
        if insist or self._found is None or self._found.record.open_until is None:
            return
        until, at = self._found.record.open_until, now()
        if until > at:
            raise _circuit_open_error(until)
        trying = self._found.record.model_copy(update={"open_until": at + claim})
        try:
            self._found = self._write(trying, self._found.generation)
        except Overtaken:  # another tries for all of them
            raise _circuit_open_error(at + claim) from None

    def note(self, status: int | None) -> None:
        """Notes the result of the call: the answer's status, or None where there was no answer."""
        if status is None or status in _UNAVAILABLE:
            self._fail()
        elif self._found is not None:
            self._jobs.delete(paths.receiver_circuit(self._name), if_generation=self._found.generation)

    def _fail(self) -> None:
        for _ in range(_RACES):
            known = self._found or StoredCircuit(Circuit(), NEW)
            failed = known.record.after_failure(now())
            with suppress(Overtaken):
                self._write(failed, known.generation)
                if failed.open_until is not None:
                    log("webhook.circuit_opened", "WARNING", receiver=self._name, failures=failed.failures)
                return
            self._found = self._read()

    def _read(self) -> StoredCircuit | None:
        try:
            found = self._jobs.get(paths.receiver_circuit(self._name))
        except NotFound:
            return None
        try:
            return StoredCircuit(Circuit.parse(found.data), found.generation)
        except InvalidRequest:  # damaged, or a newer version's: a failure replaces it, an answer removes it
            return StoredCircuit(Circuit(), found.generation)

    def _write(self, circuit: Circuit, generation: int) -> StoredCircuit:
        name = paths.receiver_circuit(self._name)
        return StoredCircuit(circuit, self._jobs.put(name, circuit.encode(), if_generation=generation))


def _circuit_open_error(until: datetime) -> CircuitOpen:
    at = until.isoformat(timespec="seconds")
    return CircuitOpen(
        f"The receiver did not answer {TRIP} calls or more in a row: none is made before {at}."
    )
