"""The page for operators: what runs, what failed, and whose webhook waits."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from local.stack.stack_process import StackProcess
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
    studio = open_studio(width, scheme=scheme, motion="no-preference")
    failed = ask(studio, **{"mock.fail": "permanent"})
    slow = ask(studio, **{"mock.seconds": "600"})
    eventually(lambda: studio.job(failed)["state"] == "failed" and studio.job(slow)["state"] == "running")
    studio.page.get_by_role("link", name="Operate").click()
    expect(studio.page.get_by_role("heading", name="What happens now")).to_be_visible()
    running = studio.page.get_by_role("region", name="Being drawn")
    expect(running.get_by_role("row").filter(has_text=slow)).to_contain_text("local")
    failures = studio.page.get_by_role("region", name="Failed lately")
    expect(failures.get_by_role("row").filter(has_text=failed)).to_contain_text("unsupported_task")
    expect(studio.page.get_by_role("group", name="Cloud Storage")).to_be_visible()
    check_everyone_can_use_it(studio, "operate")
    httpx.post(f"{studio.api}/v1/jobs/{slow}/cancel").raise_for_status()
    expect(studio.page.get_by_text("No worker has a job.")).to_be_visible()


def test_faults_of_the_laptop_are_switched_on_seen_and_switched_off(
    open_studio: OpenStudio, stack: StackProcess
) -> None:
    studio = open_studio()
    page = studio.page
    control = f"{stack.state['control']}/faults"
    page.get_by_role("link", name="Operate").click()
    faults = page.get_by_role("region", name="Faults")
    delay = faults.get_by_role("combobox", name="Waits before a delivery")
    delay.select_option("0.2")
    expect(faults.get_by_text("switched on")).to_be_visible()
    assert httpx.get(control).json()["pubsub"]["delay"] == 0.2
    page.reload()
    expect(delay).to_have_value("0.2")
    faults.get_by_role("button", name="Switch all off").click()
    expect(faults.get_by_text("switched on")).to_have_count(0)
    assert httpx.get(control).json()["pubsub"]["delay"] == 0


def test_a_deployment_in_the_cloud_has_no_faults(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    found = httpx.get(f"{studio.api}/v1/capabilities").json()
    page.route("**/v1/capabilities", lambda route: route.fulfill(json={**found, "profile": "production"}))
    page.reload()
    page.get_by_role("link", name="Operate").click()
    expect(page.get_by_role("heading", name="Failed lately")).to_be_visible()
    expect(page.get_by_role("heading", name="Faults")).to_have_count(0)
    assert not any("/laptop/" in address for address in asked)
