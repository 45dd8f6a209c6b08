"""The runner: takes a job through the lanes, and decides what becomes of its message.

| what happened                                   | the job                     | the message |
|-------------------------------------------------|-----------------------------|-------------|
| its manifest is committed, or had ended before  | ended                       | ack         |
| canceled, expired, blocked, failed for good     | ended, with a manifest      | ack         |
| failed, and another try can help                | back to the queue           | nack        |
| another worker holds it, or took it over        | left to that worker         | nack        |
| the worker is shutting down                     | back to the queue           | nack        |
| the message or the record cannot be understood  | left as it is               | dead letter |
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from functions.contract.document import now
from functions.contract.errors import (
    AttemptsExhausted,
    Canceled,
    HandedBack,
    LeaseLost,
    OutOfMemory,
    PlantainError,
    Transient,
)
from functions.contract.storage.job_commit import state_after
from functions.contract.telemetry import traceparent
from functions.contract.telemetry.log import log
from worker.credentials.sealer import Sealer
from worker.engine_process.child import Report
from worker.engine_process.parent import UnforeseenEngineError
from worker.leases.claims import JobClaimer, NoClaimableJob
from worker.leases.lease import AlreadyEnded
from worker.runtime.dependencies import RunnerDependencies
from worker.runtime.job_in_progress import AckableMessage, JobInProgress
from worker.runtime.job_trace import JobTrace
from worker.runtime.lanes import LaneQueue
from worker.runtime.memory_admission import job_bytes
from worker.runtime.priority import FairQueue, LowPriorityMessage, LowPrioritySlots
from worker.stages.pipeline import LaneName, StageError, run_stages
from worker.stages.work import IntakeTools, Work


def _is_low(held: JobInProgress) -> bool:
    return held.tenure.record.request.priority == "low"


class Runner:
    """Three lanes: intake fetches and screens, the engine draws, finish seals, uploads and commits."""

    def __init__(self, parts: RunnerDependencies) -> None:
        self._parts = parts
        self._claims = JobClaimer(parts.claimant, parts.committer, parts.dead_letter)
        self._held: set[JobInProgress] = set()
        self._changed = threading.Condition()
        self._draining = False
        self._cold_start_ms = parts.engine.cold_start_ms
        self._intake = LaneQueue("intake", self.take_in, threads=3, depth=0)  # flow control bounds it
        self._low = LowPrioritySlots()
        self._engine = LaneQueue("engine", self.draw, threads=1, waiting=FairQueue(2, _is_low))
        self._finish = LaneQueue("finish", self.finish, threads=3, depth=4)

    def start(self) -> None:
        for lane in (self._intake, self._engine, self._finish):
            lane.start()

    def fault(self) -> str | None:
        """What is wrong for good, and only a new process mends."""
        lanes = (self._intake, self._engine, self._finish)
        faults = (self._parts.heart.fault, self._parts.engine.fault, *(lane.fault for lane in lanes))
        return next((found for fault in faults if (found := fault())), None)

    def accept(self, message: AckableMessage) -> None:
        """Called for every delivery. Once draining, deliveries go back at once."""
        if self._draining:
            message.nack()
        else:
            self._intake.put(message)

    def accept_low(self, message: AckableMessage) -> None:
        """Called for every delivery of low priority; waits until there is a place for it."""
        placed = self._low.take(message)
        if placed is None:
            message.nack()
        else:
            self.accept(placed)

    def drain(self, grace_seconds: float) -> None:
        """Finishes what is in hand within the grace period, and hands the rest back."""
        self._draining = True
        self._low.close()
        with self._changed:
            self._changed.wait_for(lambda: not self._held, timeout=grace_seconds)
            for held in self._held:
                held.tenure.halt(HandedBack())
        for lane in (self._intake, self._engine, self._finish):
            lane.stop()

    # Intake.

    def take_in(self, message: AckableMessage) -> None:
        """JobClaimer the job that the message names, fetches its pictures and screens it."""
        if self._draining:
            message.nack()
            return
        journey = JobTrace(message.data)
        held = self._claimed(message, journey)
        if held is None:
            journey.end()
        else:
            self._carry("intake", held, self._prepare, self._engine)

    def _claimed(self, message: AckableMessage, journey: JobTrace) -> JobInProgress | None:
        """None, and the message settled, for a job that is not to be worked on here."""
        with journey.lane("claim"):
            try:
                return self._claim(message, journey)
            except (AlreadyEnded, NoClaimableJob):
                message.ack()
            except PlantainError as error:
                log("message.returned", code=error.code)
                journey.stopped(error)
                message.nack()
        return None

    def _claim(self, message: AckableMessage, journey: JobTrace) -> JobInProgress:
        tenure = self._claims.take(message.data)
        journey.claimed(tenure.record)
        held = JobInProgress.of(message, tenure, journey, self._parts.line)
        held.work.device = self._parts.engine.device
        held.timings["claimed"] = now()
        with self._changed:
            self._held.add(held)
            if self._draining:
                tenure.halt(HandedBack())
        self._parts.heart.add(tenure)
        return held

    def _prepare(self, held: JobInProgress) -> None:
        record = held.tenure.record
        memory = job_bytes(record)
        self._parts.memory.reserve(memory, held.tenure.check)
        held.memory = memory
        loaded = self._parts.inputs.load(record)
        resumable = record.attempt > 1 and loaded.request.is_drawn
        held.work = self._parts.checkpoints.resume(loaded) if resumable else loaded
        held.kept = held.work.resumed_from is not None
        held.timings["first_stage"] = now()
        held.work = self._run("intake", held, self._parts.intake)

    # Engine.

    def draw(self, held: JobInProgress) -> None:
        if isinstance(held.message, LowPriorityMessage):
            held.message.leave()
        self._carry("engine", held, self._draw, self._finish)

    def _draw(self, held: JobInProgress) -> None:
        try:
            held.work = self._on_engine(held, held.work)
        except StageError as error:
            if not isinstance(error.error, OutOfMemory):
                raise
            log("engine.smaller_tiles", "WARNING", job_id=held.work.job_id)
            held.work = self._with_small_tiles(held)

    def _with_small_tiles(self, held: JobInProgress) -> Work:
        """The second and last try after the memory ran out; if it fails too, the engine starts afresh."""
        try:
            return self._on_engine(held, replace(held.work, small_tiles=True))
        except StageError as error:
            if isinstance(error.error, OutOfMemory):
                self._parts.engine.stop()
            raise

    def _on_engine(self, held: JobInProgress, work: Work) -> Work:
        def on_report(report: Report) -> None:
            if report.stage:
                held.journey.stage(report.stage)
            held.progress.report(report.stage, report.step, report.steps, report.preview)

        def on_kept(kept: Work) -> None:
            held.kept = True
            try:
                self._parts.checkpoints.keep(kept)
            except Transient as error:  # it only saves work: the job goes on without
                log("checkpoint.not_kept", "WARNING", job_id=kept.job_id, code=error.code)

        held.tenure.check()
        work = replace(work, traceparent=traceparent())
        done = self._parts.engine.run(work, held.tenure.check, on_report, on_kept)
        if done.request.task == "verify":  # the ledger compares the very file and its pixels
            return replace(done, images=work.images, files=work.files)
        return replace(done, ingredients=work.ingredients)

    # Finish.

    def finish(self, held: JobInProgress) -> None:
        self._carry("finish", held, self._deliver, None)

    def _deliver(self, held: JobInProgress) -> None:
        held.work = self._run("finish", held, self._parts.sealer)
        self._conclude_verification(held)
        held.timings["last_stage"] = now()
        cold_start, self._cold_start_ms = self._cold_start_ms, None
        with held.journey.commit():
            self._parts.results.deliver(
                held.work, held.tenure, held.timings, kept=held.kept, cold_start_ms=cold_start
            )

    def _conclude_verification(self, held: JobInProgress) -> None:
        work = held.work
        if work.examination is not None:
            asker = held.tenure.record.owner
            work.verification = self._parts.ledger.verdict(
                work.examination, asker, work.files[0], work.images[0]
            )

    # What all lanes share.

    def _run(self, lane: LaneName, held: JobInProgress, tools: IntakeTools | Sealer | None) -> Work:
        def on_stage(name: str) -> None:
            held.tenure.check()
            held.journey.stage(name)
            held.progress.report(name)

        return run_stages(lane, held.work, on_stage, self._parts.line, tools)

    def _carry(
        self,
        lane: LaneName,
        held: JobInProgress,
        serve: Callable[[JobInProgress], None],
        following: LaneQueue[JobInProgress] | None,
    ) -> None:
        """Serves the job in one lane and passes it on."""
        with held.journey.lane(lane):
            got_through = self._served(held, serve, is_last=following is None)
        if got_through and following:
            following.put(held)
        else:
            held.journey.end()

    def _served(self, held: JobInProgress, serve: Callable[[JobInProgress], None], *, is_last: bool) -> bool:
        """Whether the job got through; the one place that turns any failure into a record."""
        try:
            serve(held)
            if is_last:
                self._leave(held, held.message.ack)
            return True
        except StageError as error:
            self._conclude(held, error.error, error.stage)
        except PlantainError as error:
            self._conclude(held, error, held.progress.stage)
        except UnforeseenEngineError:
            self._conclude(held, PlantainError(), held.progress.stage)
        except Exception as error:  # noqa: BLE001 - see above: it is logged, and becomes a failed manifest
            log("job.unforeseen", "ERROR", trace=error, job_id=held.work.job_id)
            self._conclude(held, PlantainError(), held.progress.stage)
        return False

    def _conclude(self, held: JobInProgress, error: PlantainError, stage: str | None) -> None:
        """The table at the top, for a job that did not get through."""
        log("job.stopped", "WARNING", job_id=held.work.job_id, code=error.code, stage=stage)
        held.journey.stopped(error)
        settle = held.message.nack
        try:
            if isinstance(error, LeaseLost):
                self._clear_up(held)
            elif error.retryable and not self._is_last(held, error):
                held.tenure.release(error.code)
            else:
                self._end(held, error, stage)
                settle = held.message.ack
        except LeaseLost:
            self._clear_up(held)
        except Canceled as canceled:  # while it was to be handed back
            self._end(held, canceled, stage)
            settle = held.message.ack
        except PlantainError as failure:  # the storage does not answer: the lease runs out by itself
            log("job.not_ended", "ERROR", job_id=held.work.job_id, code=failure.code)
        finally:
            self._leave(held, settle)

    def _is_last(self, held: JobInProgress, error: PlantainError) -> bool:
        """Whether the job has had all its attempts; one that the worker itself broke off does not count."""
        attempts = held.tenure.record.attempt
        return attempts >= self._parts.claimant.max_attempts and not isinstance(error, HandedBack)

    def _clear_up(self, held: JobInProgress) -> None:
        """Whoever took the job over may have ended it before our last write."""
        self._parts.committer.remove_late_writes(held.work.job_id)

    def _end(self, held: JobInProgress, error: PlantainError, stage: str | None) -> None:
        held.tenure.confirm_held()
        if error.retryable:
            error = AttemptsExhausted(f"Given up after the last attempt: {error.message}")
        work = held.work
        with held.journey.commit():
            self._parts.committer.end(
                held.tenure.record,
                state_after(error),
                error.facts(stage),
                stages=work.stages,
                safety=work.verdicts,
                intent=work.intent,
                engine=work.engine,
                device=work.device,
                model_revision=work.model_revision,
                timings=held.timings,
            )

    def _leave(self, held: JobInProgress, settle: Callable[[], None]) -> None:
        held.tenure.end()
        self._parts.heart.remove(held.tenure)
        self._parts.memory.release(held.memory)
        settle()
        with self._changed:
            self._held.discard(held)
            self._changed.notify_all()
