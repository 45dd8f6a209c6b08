"""The studio's page as a person uses it, and what the browser says of it."""

from __future__ import annotations

import base64
import io
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image
from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, expect

from tests.eventually import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
});
"""
_FILES = """([files, use]) => {
  const data = new DataTransfer();
  for (const [name, type, text] of files) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  if (use === "paste") {
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    return;
  }
  const send = (target, name) =>
    target.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
  send(document.body, "dragenter");
  return new Promise((resolve) => setTimeout(() => {
    const zone = document.querySelector(`[data-drop="${use}"]`);
    send(zone, "dragover");
    send(zone, "drop");
    resolve();
  }, 100));
}"""


def picture_bytes(width: int = 320, height: int = 256, colour: str = "teal", format: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(target, format)
    return target.getvalue()


class Studio:
    """One page of a browser, with everything that it complained of."""

    def __init__(self, page: Page, api: str) -> None:
        self.page, self.api = page, api
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.refusals: set[int] = set()  # statuses that the test provokes; the browser reports each
        page.set_default_timeout(PATIENCE * 1000)
        page.add_init_script(_WATCH)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", self._refuse_dialog)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _is_provoked(self, error: str) -> bool:
        return "Failed to load resource" in error and (
            any(f"status of {status} " in error for status in self.refusals)
            or (0 in self.refusals and "net::ERR" in error)
        )

    def _refuse_dialog(self, dialog: Dialog) -> None:
        self.errors.append(f"a script opened a dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, address: str = "") -> None:
        self.page.goto(f"{self.api}/{address}")
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible()

    def check_clean(self) -> None:
        """Fails for an error in the console, a violation of the policy, and a request to another host."""
        errors = [error for error in self.errors if not self._is_provoked(error)]
        assert not errors, errors
        violations = self.page.evaluate("window.violations")
        assert not violations, violations
        foreign = self.hosts - {"", urlsplit(self.api).netloc}
        assert not foreign, foreign

    # What a person does. -----------------------------------------------------------------------------

    @property
    def prompt(self) -> Locator:
        return self.page.locator("#prompt")

    @property
    def picture(self) -> Locator:
        return self.page.locator(".canvas .picture.is-shown img")

    @property
    def fault(self) -> Locator:
        return self.page.locator(".fault-card")

    @property
    def job_id(self) -> str:
        self.page.wait_for_url("**/#/job/*")
        return self.page.url.partition("#/job/")[2].partition("/")[0]

    def write_labels(self, labels: str) -> None:
        """Sets the labels, with which the mock engine is told what to do."""
        more = self.page.get_by_role("button", name="More", exact=True).last
        if self.page.get_by_label("Labels").count() == 0:
            more.click()
        self.page.get_by_label("Labels").fill(labels)

    def make(self, prompt: str, labels: str = "") -> str:
        """Asks for a picture of 512 px, and returns the job's id without waiting for its end.

        One of the usual size takes the worker and the browser four times as long.
        """
        before = self.page.url
        size = self.page.get_by_role("combobox", name="Size", exact=True)
        if size.is_visible():
            size.select_option("512")
        if labels:
            self.write_labels(labels)
        self.prompt.fill(prompt)
        self.page.locator(".composer .is-primary").click()
        self.page.wait_for_function(
            "(before) => location.href !== before && location.hash.length > 9", arg=before
        )
        return self.job_id

    def make_and_wait(self, prompt: str = "a red boat", labels: str = "") -> str:
        job_id = self.make(prompt, labels)
        expect(self.picture).to_be_visible()
        return job_id

    def press_tool(self, name: str) -> None:
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def press_primary(self) -> str:
        """Presses the form's button; returns the new job's id."""
        before = self.page.url
        self.page.locator(".composer .is-primary").click()
        self.page.wait_for_function("(before) => location.href !== before", arg=before)
        return self.job_id

    def give_files(self, use: str, *files: tuple[str, bytes]) -> None:
        """Drops (on the zone ``use``) or pastes files."""
        coded = [[name, "image/png", base64.b64encode(data).decode()] for name, data in files]
        self.page.evaluate(_FILES, [coded, use])

    def drag(self, over: Locator, *points: tuple[float, float]) -> None:
        """Draws with the mouse through points in fractions of an element's sides."""
        first, *rest = self._places(over, points)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for place in rest:
            self.page.mouse.move(*place, steps=5)
        self.page.mouse.up()

    def drag_finger(self, over: Locator, *points: tuple[float, float]) -> None:
        """Draws with a finger."""
        session = self.page.context.new_cdp_session(self.page)
        kinds = ["touchStart", *["touchMove"] * (len(points) - 1)]
        for kind, (x, y) in zip(kinds, self._places(over, points), strict=True):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def drag_pen(self, over: Locator, *points: tuple[float, float], force: float) -> None:
        """Draws with a pen that presses with ``force``, from 0 to 1."""
        session = self.page.context.new_cdp_session(self.page)
        kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 2), "mouseReleased"]
        for kind, (x, y) in zip(kinds, self._places(over, points), strict=True):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            session.send("Input.dispatchMouseEvent", {**event, "pointerType": "pen", "force": force})

    def _places(self, over: Locator, points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
        over.scroll_into_view_if_needed()
        box = over.bounding_box()
        assert box is not None
        return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]

    # What the API says of it. ------------------------------------------------------------------------

    def job(self, job_id: str, key: str | None = None) -> Any:
        headers = {"X-API-Key": key} if key else {}
        return httpx.get(f"{self.api}/v1/jobs/{job_id}", headers=headers).json()
