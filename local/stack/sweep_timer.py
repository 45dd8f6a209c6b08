"""Cloud Scheduler's part on the laptop: it calls the sweep regularly."""

from __future__ import annotations

import asyncio

import httpx

SWEEP_SECONDS = 15


async def call_sweep_regularly(functions: str) -> None:
    """Calls the sweep of the functions at this address until the task is canceled."""
    async with httpx.AsyncClient(timeout=SWEEP_SECONDS) as http:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await http.post(f"{functions}/_functions/sweep")
            except httpx.HTTPError:
                continue  # the functions are being restarted, or busy; the next call does the work
