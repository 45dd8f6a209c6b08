"""How fast the studio is in a browser: what a first visit costs, and whether a long gallery scrolls.

    python -m benchmarks.studio
    python -m benchmarks.studio --pictures 500 --api http://127.0.0.1:8080

It opens the page in Debian's Chromium, against a stack that it starts or ``--api``. The gallery's listing and
previews are answered by this program, so that the page alone is measured. Chromium traces itself: of each
task of the page's main thread it says how long it took by the clock, and how long the processor worked for
it. On a busy machine the first says how busy that is; the second is the page's own.
"""

from __future__ import annotations

import argparse
import io
import shutil
import statistics
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright

from benchmarks.machine import describe
from local.stack.stack_process import StackProcess

PAGE = 50
LONG = 0.1  # seconds of a task that one feels
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_MAIN_THREAD = "CrRendererMain"
_TASK = "RunTask"  # ThreadControllerImpl::RunTask is the same task, as the scheduler has it


@dataclass(frozen=True)
class Task:
    """A task of the main thread: seconds by the clock, and of the processor."""

    wall: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pictures", type=int, default=500, help="in the gallery")
    parser.add_argument("--visits", type=int, default=5, help="of which the median is printed")
    parser.add_argument("--api", help="a running deployment; without it a stack is started")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser's program")
    asked = parser.parse_args()
    with serving(asked.api) as api, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=FLAGS)
        print(f"{describe()}\nChromium {browser.version}")
        print_first_visits(browser, api, asked.visits)
        print_scrolling(browser, api, asked.pictures)
        browser.close()


@contextmanager
def serving(api: str | None) -> Generator[str]:
    if api is not None:
        yield api
        return
    with tempfile.TemporaryDirectory() as data, StackProcess(Path(data), "--model", "mock") as stack:
        yield stack.state["api"]


def print_first_visits(browser: Browser, api: str, visits: int) -> None:
    """Prints the median of the first paint, and the bytes of the page's own files on a first visit."""
    paints, sizes, files = list[float](), list[float](), dict[str, int]()
    for _ in range(visits):
        context = browser.new_context()
        page = context.new_page()
        files = own_files(context.new_cdp_session(page))
        page.goto(f"{api}/", wait_until="networkidle")
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        sizes.append(sum(files.values()) / 1e3)
        context.close()
    paint, size = statistics.median(paints), statistics.median(sizes)
    print(f"first visit: first paint {paint:.0f} ms, {len(files)} files of {size:.1f} KB as they are sent")


def own_files(session: CDPSession) -> dict[str, int]:
    """Returns the bytes of each file that is not an answer of the API; they are filled in as files come."""
    paths, sizes = dict[str, str](), dict[str, int]()

    def hear_request(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def hear_end(event: dict[str, Any]) -> None:
        path = paths.get(event["requestId"], "")
        if not path.startswith("/v1/"):
            sizes[path] = int(event["encodedDataLength"])

    session.send("Network.enable")
    session.on("Network.requestWillBeSent", hear_request)
    session.on("Network.loadingFinished", hear_end)
    return sizes


def print_scrolling(browser: Browser, api: str, pictures: int) -> None:
    """Prints the longest tasks of the main thread while the gallery is scrolled to its end."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    preview = jpeg()

    def answer_jobs(route: Route) -> None:
        answer_listing(route, pictures)

    def answer_preview(route: Route) -> None:
        route.fulfill(body=preview, content_type="image/jpeg")

    page.route("**/v1/jobs?*", answer_jobs)
    page.route("**/preview?*", answer_preview)
    page.goto(f"{api}/#/gallery")
    page.locator(".tile img").first.wait_for()
    session = browser.new_browser_cdp_session()
    with traced(session) as events:
        scroll_to_end(page, pictures)
    tasks = tasks_of_main_thread(events)
    processor = [task.processor for task in tasks]
    print(f"gallery of {pictures} pictures: {len(tasks)} tasks, {sum(processor):.2f} s of the processor")
    for name, times in (("processor", processor), ("clock", [task.wall for task in tasks])):
        long = sum(time > LONG for time in times)
        print(f"  longest task by the {name}: {max(times) * 1000:.0f} ms; {long} above {LONG * 1000:.0f} ms")
    context.close()


def answer_listing(route: Route, pictures: int) -> None:
    first = int(route.request.url.partition("cursor=")[2] or 0)
    following = str(first + PAGE) if first + PAGE < pictures else None
    jobs = [listed(number) for number in range(first, min(first + PAGE, pictures))]
    route.fulfill(json={"jobs": jobs, "next_cursor": following})


def listed(number: int) -> dict[str, Any]:
    """Returns a job as a listing with details has it."""
    letters = "".join("abcdefghij"[int(digit)] for digit in f"{number:05}")
    return {
        "id": f"job_{'a' * 21}{letters}",
        "state": "succeeded",
        "task": "generate",
        "created": "2026-11-29T08:00:00Z",
        "labels": {"team": "sea"},
        "url": "",
        "prompt": f"picture number {number}, a red boat on the sea at night",
        "prompts": [],
        "images": 1,
        "inputs": 0,
    }


def jpeg() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((400, 400), 60).convert("RGB").save(target, "JPEG", quality=85)
    return target.getvalue()


def scroll_to_end(page: Page, pictures: int) -> None:
    """Turns the wheel until all pictures are listed and the end is reached."""
    page.mouse.move(700, 600)
    while page.locator(".tile").count() < pictures or not page.evaluate(
        "innerHeight + scrollY >= document.documentElement.scrollHeight - 2"
    ):
        page.mouse.wheel(0, 1_200)
        page.evaluate("new Promise(requestAnimationFrame)")


@contextmanager
def traced(session: CDPSession) -> Generator[list[dict[str, Any]]]:
    """Collects the events of Chromium's trace while the block runs; they are there after it."""
    events, ended = list[dict[str, Any]](), list[dict[str, Any]]()

    def hear_events(said: dict[str, Any]) -> None:
        events.extend(said["value"])

    def hear_end(said: dict[str, Any]) -> None:
        ended.append(said)

    session.on("Tracing.dataCollected", hear_events)
    session.on("Tracing.tracingComplete", hear_end)
    categories = ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline"]
    session.send(
        "Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": categories}}
    )
    yield events
    session.send("Tracing.end")
    while not ended:
        session.send("Browser.getVersion")  # lets the events come


def tasks_of_main_thread(events: list[dict[str, Any]]) -> list[Task]:
    """Returns the tasks of the page's main thread: of the one that was busiest."""
    names = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"].get("name") == _MAIN_THREAD
    }
    tasks = dict[tuple[int, int], list[Task]]()
    for event in events:
        place = (event["pid"], event["tid"])
        if place in names and event["name"] == _TASK and event.get("ph") == "X":
            task = Task(event["dur"] / 1e6, event.get("tdur", 0) / 1e6)
            tasks.setdefault(place, []).append(task)
    return max(tasks.values(), key=lambda found: sum(task.processor for task in found))


if __name__ == "__main__":
    main()
