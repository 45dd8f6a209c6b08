"""One call of a tool: its job is created, followed within the time limit, and canceled with the call."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from anyio.to_thread import run_sync

from functions.contract.states import State
from local.client.api_client import POLL_SECONDS, PlantainClient
from local.mcp.failures import EXPECTED
from local.mcp.picture_sources import PictureReader

Json = dict[str, Any]
Report = Callable[[float, float | None, str | None], Awaitable[None]]
_CANCEL_SECONDS = 10


@dataclass(frozen=True)
class ToolCall:
    """A call, with what it needs. Everything that waits for the network runs in a thread.

    ``request_key``: identifies the client's message, so that a message that is sent twice makes one job; None
    where nothing does. ``limit``: seconds after which a job that has not ended is left to run.
    """

    plantain: PlantainClient
    report: Report
    limit: float
    root: Path | None = None
    request_key: str | None = None

    async def create_job(self, build: Callable[[PictureReader], Json], key: str | None = None) -> Json:
        """Creates the job that ``build`` describes. ``key``: the caller's own idempotency key."""
        return await run_sync(self._create_job, build, key)

    def _create_job(self, build: Callable[[PictureReader], Json], key: str | None) -> Json:
        request = build(PictureReader(self.plantain, self.root))
        return self.plantain.create(request, self._idempotency_key(request, key))

    def _idempotency_key(self, request: Json, key: str | None) -> str:
        """Returns the key of the job. Two calls with equal arguments are two jobs if neither names a key."""
        if key is not None:
            return f"mcp-{key}"
        if self.request_key is None:
            return f"mcp-{uuid.uuid4().hex}"
        text = self.request_key + json.dumps(request, sort_keys=True)
        return f"mcp-{hashlib.sha256(text.encode()).hexdigest()}"

    async def follow_own_job(self, job: Json, wait_seconds: float | None = None) -> Json:
        """Follows a job that this call created. The job is canceled when the client cancels the call."""
        try:
            return await self.follow_job(job, wait_seconds)
        except anyio.get_cancelled_exc_class():
            with anyio.move_on_after(_CANCEL_SECONDS, shield=True):
                await run_sync(partial(_cancel_quietly, self.plantain, job["id"]))
            raise

    async def follow_job(self, job: Json, wait_seconds: float | None = None) -> Json:
        """Returns the job once it has ended, or as it is when the time is up; reports its progress."""
        limit = self.limit if wait_seconds is None else min(wait_seconds, self.limit)
        reported = 0.0
        pause, longest = POLL_SECONDS
        with anyio.move_on_after(limit):
            while True:
                if job["progress"] > reported:  # a client may refuse progress that does not grow
                    reported = job["progress"]
                    await self.report(reported, 1.0, describe_stage(job))
                if State(job["state"]).is_terminal:
                    break
                await anyio.sleep(pause)
                pause = min(pause * 1.15, longest)
                job = await run_sync(self.plantain.job, job["id"])
        return job


def describe_stage(job: Json) -> str:
    """Returns ``diffuse 3/4`` while the job runs, otherwise its state."""
    if job["state"] != "running" or not job.get("stage"):
        return str(job["state"])
    steps = f" {job['step']}/{job['steps']}" if job.get("step") and job.get("steps") else ""
    return f"{job['stage']}{steps}"


def _cancel_quietly(plantain: PlantainClient, job_id: str) -> None:
    """Cancels the job. A failure has no reader: the client has gone, and the job's deadline ends it."""
    try:
        plantain.cancel(job_id)
    except EXPECTED:
        return
