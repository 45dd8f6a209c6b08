"""``python -m tools.studio_pictures``: takes the pictures of the studio that the documents show.

It runs the laptop's stack with the embedded model, makes some pictures, and opens the page in Debian's
Chromium. Look at what comes out before you commit it: ``docs/studio/*.png``.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.client.api_client import PlantainClient
from local.stack.stack_process import StackProcess

FOLDER = Path(__file__).parents[1] / "docs" / "studio"
SHOWN = 800  # pixels across: half of what a dense screen shows
COLOURS = 256
PATIENCE = 300_000  # milliseconds that a picture may take
GALLERY = (
    "a yellow hot air balloon over the mountains",
    "a small house in the mountains, in watercolour",
    "a white owl on a branch at night",
    "a green cactus in the desert",
    "a blue fish under water",
    "a brown dog in the snow",
    "an orange cat in the garden",
    "a red apple on the table",
    "a purple butterfly on a meadow",
    "a lighthouse by the sea at sunset",
)
PROMPT, SEED = "a red boat on the sea at night, and a zeppelin", 11


def main() -> int:
    program = os.environ.get("PLANTAIN_TEST_CHROMIUM") or shutil.which("chromium")
    if program is None:
        print("chromium is not installed", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="plantain-studio-") as directory,
        StackProcess(Path(directory), quiet=True) as stack,
        sync_playwright() as playwright,
    ):
        with stack.client() as plantain:
            _fill_gallery(plantain)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        _take_pictures(_open(browser, stack.state["api"]))
        _take_gallery(_open(browser, stack.state["api"], dark=True))
        browser.close()
    return 0


def _fill_gallery(plantain: PlantainClient) -> None:
    for n, prompt in enumerate(GALLERY):
        request = {"task": "generate", "prompt": prompt, "size": "512", "seed": n}
        plantain.create(request, wait=PATIENCE // 1000)


def _open(browser: Browser, api: str, *, dark: bool = False) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark" if dark else "light")
    page.set_default_timeout(PATIENCE)
    page.goto(api)
    return page


def _take_pictures(page: Page) -> None:
    _wait_for_images(page, ".rail img")
    _save(page, "start")
    page.get_by_role("combobox", name="Size").select_option("512")
    page.get_by_placeholder("Seed").fill(str(SEED))
    page.locator("#prompt").fill(PROMPT)
    _press_primary(page)
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=PATIENCE)
    _save(page, "drawing")
    _wait_for_picture(page)
    _save(page, "made")
    toolbar = page.get_by_role("toolbar")
    toolbar.get_by_role("button", name="Paint", exact=True).click()
    page.locator("#prompt").fill("make the boat blue")
    _stroke(page)
    _save(page, "paint")
    _press_primary(page)
    _wait_for_picture(page)
    page.get_by_role("toolbar").get_by_role("button", name="Compare", exact=True).click()
    _save(page, "compare")


def _take_gallery(page: Page) -> None:
    page.get_by_role("link", name="Gallery").first.click()
    _wait_for_images(page, ".tile img")
    _save(page, "gallery")


def _wait_for_images(page: Page, selector: str) -> None:
    """Waits until the images that are in view are loaded and shown."""
    expect(page.locator(selector).first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        """(selector) => [...document.querySelectorAll(selector)]
          .filter((image) => image.getBoundingClientRect().top < innerHeight)
          .every((image) => image.complete && image.naturalWidth > 0
            && document.getAnimations().every((animation) => animation.playState === "finished"))""",
        arg=selector,
    )


def _press_primary(page: Page) -> None:
    before = page.url
    page.locator(".composer .is-primary").click()
    page.wait_for_function("(before) => location.href !== before", arg=before)


def _wait_for_picture(page: Page) -> None:
    expect(page.locator(".canvas .picture.is-shown img")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Proof of origin")).to_be_visible(timeout=PATIENCE)


def _stroke(page: Page) -> None:
    """Paints over the boat's hull."""
    box = page.locator(".canvas").bounding_box()
    if box is None:
        raise SystemExit("The picture is not shown.")
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    for n in range(1, 32):
        x, y = 0.1 + 0.8 * (n % 2), 0.6 + 0.0115 * n
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
    page.mouse.up()


def _save(page: Page, name: str) -> None:
    """Writes what the page shows as ``docs/studio/NAME.png``."""
    page.mouse.move(0, 0)
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as screenshot:
        height = round(SHOWN * screenshot.height / screenshot.width)
        small = screenshot.convert("RGB").resize((SHOWN, height), Image.Resampling.LANCZOS)
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
