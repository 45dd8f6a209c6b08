"""The page for operators: what runs, what failed, and whose webhook waits."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio
from tests.browser.test_accessibility import check_everyone_can_use_it
from tests.eventually import eventually


def ask(studio: Studio, **labels: str) -> str:
    """Makes a job without the page, and returns its id."""
    request = {"task": "generate", "prompt": "a <b>boat</b>", "size": "512", "labels": labels}
    return httpx.post(f"{studio.api}/v1/jobs", json=request).raise_for_status().json()["id"]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_failures_and_running_jobs_are_shown(open_studio: OpenStudio, width: int, scheme: str) -> None:
    studio = open_studio(width, scheme=scheme)
    failed = ask(studio, **{"mock.fail": "permanent"})
    slow = ask(studio, **{"mock.seconds": "600"})
    eventually(lambda: studio.job(failed)["state"] == "failed" and studio.job(slow)["state"] == "running")
    studio.page.get_by_role("link", name="Operate").click()
    expect(studio.page.get_by_role("heading", name="What happens now")).to_be_visible()
    running = studio.page.get_by_role("region", name="Being drawn")
    expect(running.get_by_role("row").filter(has_text=slow)).to_contain_text("local")
    failures = studio.page.get_by_role("region", name="Failed lately")
    expect(failures.get_by_role("row").filter(has_text=failed)).to_contain_text("unsupported_task")
    check_everyone_can_use_it(studio, "operate")
    httpx.post(f"{studio.api}/v1/jobs/{slow}/cancel").raise_for_status()
    expect(studio.page.get_by_text("No worker has a job.")).to_be_visible()
