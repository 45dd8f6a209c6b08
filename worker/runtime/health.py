"""The worker's health: /healthz answers 200 while the worker can go on, /readyz while it takes jobs.

Cloud Run restarts a container whose /healthz fails, so it fails only when nothing else helps. The worker
itself replaces an engine that dies or hangs, and waits for a storage that does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

FaultCheck = Callable[[], str | None]
"""Returns a fault that only a new process mends; None if there is none."""


class Health:
    """The state of the worker, for its probes. Any thread may read it."""

    def __init__(self) -> None:
        self.is_ready = False
        self._fault_checks: tuple[FaultCheck, ...] = ()

    def watch(self, *fault_checks: FaultCheck) -> None:
        self._fault_checks = fault_checks

    def fault(self) -> str | None:
        return next((found for check in self._fault_checks if (found := check())), None)

    def probe(self, path: str) -> tuple[int, Mapping[str, str]]:
        """Returns the status and the body for a probe of ``path``."""
        fault = self.fault()
        match path:
            case "/healthz":
                return (503, {"status": fault}) if fault else (200, {"status": "ok"})
            case "/readyz":
                is_ready = self.is_ready and not fault
                return (200, {"status": "ready"}) if is_ready else (503, {"status": fault or "not ready"})
            case _:
                return 404, {"status": "not found"}
