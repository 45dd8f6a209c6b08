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
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from functions.contract.document import now
from functions.contract.errors import HandedBack, PlantainError
from functions.contract.telemetry.log import log
from worker.job_io.memory_estimate import estimate_job_bytes
from worker.leases.job_claimer import JobClaimer, NoClaimableJob
from worker.leases.lease import AlreadyEnded
from worker.runtime.batch_planner import BatchPlanner
from worker.runtime.dependencies import RunnerDependencies
from worker.runtime.engine_run import EngineRun, run_in_lane
from worker.runtime.failed_jobs import FailedJobs
from worker.runtime.job_in_progress import AckableMessage, JobInProgress
from worker.runtime.job_trace import JobTrace
from worker.runtime.lane_queue import LaneQueue
from worker.runtime.priority import LOW_PRIORITY_SLOTS, FairQueue, LowPriorityMessage, LowPrioritySlots
from worker.runtime.shared_engine import SharedEngine
from worker.stage_processes.job_run import JobCallbacks, UnforeseenStageError
from worker.stage_processes.messages import StageReport
from worker.stages.pipeline import LaneName, OnStage, StageError, has_stage_for, run_stages
from worker.stages.work import Work

_WAITING = 2  # normal jobs that wait to be drawn, where pictures are drawn one by one


class Runner:
    """Four lanes: intake fetches and screens, the engine draws, marking marks, finish seals and commits.

    A job goes past a lane of which no stage applies to it.
    """

    def __init__(self, dependencies: RunnerDependencies) -> None:
        self._uses = dependencies
        self._claimer = JobClaimer(dependencies.leases, dependencies.committer, dependencies.dead_letter)
        self._failed_jobs = FailedJobs(dependencies.committer, dependencies.leases.max_attempts)
        self._jobs: set[JobInProgress] = set()
        self._jobs_changed = threading.Condition()
        self._is_draining = False
        self._cold_start = dependencies.cold_start
        # The next batch waits while one is drawn, and all jobs of a batch may wait to be marked. Their bytes
        # were reserved when they were claimed.
        planner = BatchPlanner(dependencies.engine.pass_limits)
        self.low_slots = max(LOW_PRIORITY_SLOTS, planner.most)
        self._low_slots = LowPrioritySlots(self.low_slots)
        self._shared_engine = SharedEngine(dependencies.engine)
        self._engine_run = EngineRun(self._shared_engine, dependencies.engine, dependencies.checkpoints)
        fair_queue = FairQueue[JobInProgress](
            max(_WAITING, planner.most), lambda job: job.is_low_priority, find_partners=planner.find_partners
        )
        marking = dependencies.marking.size
        self._intake = LaneQueue("intake", self.take_in, threads=3, depth=0)  # flow control limits it
        self._engine = LaneQueue("engine", self.draw, threads=1, items=fair_queue)
        self._marking = LaneQueue("marking", self.mark, threads=marking, depth=planner.most)
        self._finish = LaneQueue("finish", self.finish, threads=3, depth=4)
        self._lanes = (self._intake, self._engine, self._marking, self._finish)

    def start(self) -> None:
        for lane in self._lanes:
            lane.start()

    def fault(self) -> str | None:
        """Returns a fault that only a new process mends; None if there is none."""
        processes = (self._uses.engine.fault, self._uses.marking.fault)
        checks = (self._uses.heartbeat.fault, *processes, *(lane.fault for lane in self._lanes))
        return next((found for check in checks if (found := check())), None)

    def accept(self, message: AckableMessage) -> None:
        """Takes a delivery. Once the runner drains, deliveries go back at once."""
        if self._is_draining:
            message.nack()
        else:
            self._intake.put(message)

    def accept_low(self, message: AckableMessage) -> None:
        """Takes a delivery of low priority, and blocks until there is a slot for it."""
        with_slot = self._low_slots.acquire(message)
        if with_slot is None:
            message.nack()
        else:
            self.accept(with_slot)

    def drain(self, grace_seconds: float) -> None:
        """Finishes the jobs in progress within the grace period, and hands the rest back."""
        self._is_draining = True
        self._low_slots.close()
        with self._jobs_changed:
            self._jobs_changed.wait_for(lambda: not self._jobs, timeout=grace_seconds)
            for job in self._jobs:
                job.lease.request_stop(HandedBack())
        for lane in self._lanes:
            lane.stop()

    # Intake.

    def take_in(self, message: AckableMessage) -> None:
        """Claims the job that the message names, fetches its pictures and screens it."""
        if self._is_draining:
            message.nack()
            return
        trace = JobTrace(message.data)
        job = self._claim_or_settle(message, trace)
        if job is None:
            trace.end()
        else:
            self._pass_through("intake", job, self._prepare)

    def _claim_or_settle(self, message: AckableMessage, trace: JobTrace) -> JobInProgress | None:
        """Returns the claimed job. Settles the message and returns None if this worker cannot claim it."""
        with trace.lane("claim"):
            try:
                return self._claim(message, trace)
            except (AlreadyEnded, NoClaimableJob):
                message.ack()
            except PlantainError as error:
                log("message.returned", code=error.code)
                trace.fail(error)
                message.nack()
        return None

    def _claim(self, message: AckableMessage, trace: JobTrace) -> JobInProgress:
        lease = self._claimer.claim(message.data)
        trace.note_record(lease.record)
        job = JobInProgress.from_lease(message, lease, trace)
        job.work.device = self._uses.engine.device
        job.timings["claimed"] = now()
        with self._jobs_changed:
            self._jobs.add(job)
            if self._is_draining:
                lease.request_stop(HandedBack())
        self._uses.heartbeat.add(lease)
        return job

    def _prepare(self, job: JobInProgress) -> None:
        record = job.lease.record
        needed = estimate_job_bytes(record)
        self._uses.memory.reserve(needed, job.lease.raise_if_stopped)
        job.reserved_bytes = needed
        loaded = self._uses.inputs.load(record)
        is_resumable = record.attempt > 1 and loaded.request.is_drawn
        job.work = self._uses.checkpoints.restore(loaded) if is_resumable else loaded
        job.has_checkpoints = job.work.resumed_from is not None
        job.timings["first_stage"] = now()
        job.work = run_stages(self._uses.lanes.intake, job.work, self._uses.intake, self._reporter(job))

    # Engine.

    def draw(self, jobs: Sequence[JobInProgress]) -> None:
        """Runs the stages of jobs that may share the model's passes in the engine process."""
        for job in jobs:
            if isinstance(job.message, LowPriorityMessage):
                job.message.free_slot()
        self._shared_engine.serve(jobs, lambda job: self._pass_through("engine", job, self._draw))

    def _draw(self, job: JobInProgress) -> None:
        self._engine_run.run(job, self._on_report(job))

    # Marking.

    def mark(self, job: JobInProgress) -> None:
        """Runs the job's stages in the marking process."""
        self._pass_through("marking", job, self._mark)

    def _mark(self, job: JobInProgress) -> None:
        work = job.work
        callbacks = JobCallbacks(job.lease.raise_if_stopped, self._on_report(job), on_sent=work.drop_pixels)
        done = replace(
            run_in_lane(self._uses.marking.run, replace(work, clip=None), callbacks), clip=work.clip
        )
        if work.request.task == "verify":  # the job lookup compares the file and its pixels
            done = replace(done, images=work.images, files=work.files)
        job.work = done

    # Finish.

    def finish(self, job: JobInProgress) -> None:
        """Seals the job's pictures, writes them, and commits the manifest."""
        self._pass_through("finish", job, self._deliver)

    def _deliver(self, job: JobInProgress) -> None:
        confirming = self._uses.results.begin_confirming(job.lease)
        job.work = run_stages(self._uses.lanes.finish, job.work, self._uses.sealer, self._reporter(job))
        self._conclude_verification(job)
        job.timings["last_stage"] = now()
        cold_start, self._cold_start = self._cold_start, None
        with job.trace.commit():
            self._uses.results.commit(
                job.work,
                job.lease,
                job.timings,
                has_checkpoints=job.has_checkpoints,
                confirming=confirming,
                cold_start=cold_start,
                cold_start_ms=cold_start.total_ms if cold_start else None,
            )

    def _conclude_verification(self, job: JobInProgress) -> None:
        work, caller = job.work, job.lease.record.owner
        if work.examination is not None:
            work.verification = self._uses.job_lookup.verdict_on(
                work.examination, caller, work.files[0], work.images[0]
            )

    # All lanes.

    def _reporter(self, job: JobInProgress) -> OnStage:
        def on_stage(name: str) -> None:
            job.lease.raise_if_stopped()
            job.trace.begin_stage(name)
            job.progress.report(name)

        return on_stage

    def _on_report(self, job: JobInProgress) -> Callable[[StageReport], None]:
        def on_report(report: StageReport) -> None:
            if report.stage:
                job.trace.begin_stage(report.stage)
            job.progress.report(report.stage, report.step, report.steps, report.preview)

        return on_report

    def _pass_through(
        self, lane: LaneName, job: JobInProgress, serve: Callable[[JobInProgress], None]
    ) -> None:
        """Serves the job in one lane and passes it on to the next one that has a stage for it."""
        with job.trace.lane(lane):
            is_served = self._serve(job, serve, is_last=lane == "finish")
        if is_served and lane != "finish":
            self._next_lane(lane, job.work).put(job)
        else:
            job.trace.end()

    def _next_lane(self, lane: LaneName, work: Work) -> LaneQueue[JobInProgress, Any]:
        planned = self._uses.lanes
        if lane == "intake" and has_stage_for(work, planned.engine):
            return self._engine
        if lane != "marking" and has_stage_for(work, planned.marking):
            return self._marking
        return self._finish

    def _serve(self, job: JobInProgress, serve: Callable[[JobInProgress], None], *, is_last: bool) -> bool:
        """Returns True unless the job failed. This one place turns every failure into a record."""
        try:
            serve(job)
            if is_last:
                self._let_go(job, is_ended=True)
            return True
        except StageError as error:
            self._fail(job, error.error, error.stage)
        except PlantainError as error:
            self._fail(job, error, job.progress.stage)
        except UnforeseenStageError:
            self._fail(job, PlantainError(), job.progress.stage)
        except Exception as error:  # noqa: BLE001 - see above: it is logged, and becomes a failed manifest
            log("job.unforeseen", "ERROR", trace=error, job_id=job.work.job_id)
            self._fail(job, PlantainError(), job.progress.stage)
        return False

    def _fail(self, job: JobInProgress, error: PlantainError, stage: str | None) -> None:
        is_ended = False
        try:
            is_ended = self._failed_jobs.settle(job, error, stage)
        finally:
            self._let_go(job, is_ended=is_ended)

    def _let_go(self, job: JobInProgress, *, is_ended: bool) -> None:
        """Frees what the job holds and settles its message."""
        job.lease.stop_renewing()
        self._uses.heartbeat.remove(job.lease)
        self._uses.memory.release(job.reserved_bytes)
        if is_ended:
            job.message.ack()
        else:
            job.message.nack()
        with self._jobs_changed:
            self._jobs.discard(job)
            self._jobs_changed.notify_all()
