"""Several processes that serve one lane, so that as many jobs are in it at once."""

from __future__ import annotations

from collections.abc import Sequence
from queue import LifoQueue

from worker.stage_processes.job_run import JobCallbacks
from worker.stage_processes.stage_process import StageProcess
from worker.stages.work import Work

_MOST = 3


def count_marking_processes(processors: int) -> int:
    """Returns how many jobs are marked at once: the other processors are the model's, or prepare its work."""
    return max(1, min(_MOST, processors // 2))


class ProcessPool:
    """Gives each job to a process that is free. All but the first are started once they are needed."""

    def __init__(self, processes: Sequence[StageProcess]) -> None:
        self._processes = processes
        self._free: LifoQueue[StageProcess] = LifoQueue()
        for process in reversed(processes):
            self._free.put(process)

    @property
    def size(self) -> int:
        """Returns how many threads may call ``run`` at once without waiting."""
        return len(self._processes)

    def launch(self) -> None:
        """Starts the first process, and does not wait for it."""
        self._processes[0].launch()

    def wait_until_warm(self) -> None:
        """Waits for the first process. Raises ModelUnavailable or EngineFailed."""
        self._processes[0].wait_until_warm()

    def run(self, work: Work, callbacks: JobCallbacks) -> Work:
        """Returns the work after the lane's stages. Raises what ``StageProcess.run`` raises."""
        process = self._free.get()
        try:
            return process.run(work, callbacks)
        finally:
            self._free.put(process)

    def fault(self) -> str | None:
        """Returns a fault that only a new worker mends."""
        return next((found for process in self._processes if (found := process.fault())), None)

    def stop(self) -> None:
        """Kills the processes."""
        for process in self._processes:
            process.stop()
