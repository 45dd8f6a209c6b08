"""The main functions of the processes that run stages. Only those processes import what they run."""

from __future__ import annotations

from multiprocessing.connection import Connection

from functions.contract.paused_collection import paused_collection
from worker.settings import WorkerSettings


def serve_engine(connection: Connection, settings: WorkerSettings) -> None:
    """Serves the lane ``engine``."""
    with paused_collection():
        from worker.stage_processes.engine_server import run_engine_server

    run_engine_server(connection, settings)


def serve_marking(connection: Connection, settings: WorkerSettings) -> None:
    """Serves the lane ``marking``."""
    with paused_collection():
        from worker.stage_processes.marking_server import run_marking_server

    run_marking_server(connection, settings)
