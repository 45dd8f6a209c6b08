"""For everyone: keyboard, names, contrast, narrow and wide, light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe, AxeResults
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio, picture_bytes

SCREENS = [(390, 844), (1440, 900)]
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_ENDLESS = """() => document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime === Infinity).length"""
_STILL = """async () => {
  await new Promise(requestAnimationFrame);
  const ends = ({ effect }) => effect.getComputedTiming().endTime < Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map(({ finished }) => finished));
}"""


def check_everyone_can_use_it(studio: Studio, what: str) -> None:
    """Fails for a violation that axe-core finds, light and dark, and for a page wider than the screen.

    The studio is one with motion: ``_STILL`` waits for what fades in, not for what changes within a frame.
    """
    expect(studio.page.locator("h1")).not_to_have_count(0)  # a view's module is loaded when it is first shown
    for scheme in ("dark", "light"):
        studio.page.emulate_media(color_scheme=scheme)
        studio.page.evaluate(_STILL)  # colours of what fades in are not its own yet
        found = run_axe(studio.page)
        assert found.violations_count == 0, f"{what}, {scheme}: {found.generate_report()}"
    assert studio.page.evaluate(_OVERFLOW) == 0, what


def run_axe(page: Page) -> AxeResults:
    """Brings axe-core, half a megabyte, to the page once."""
    is_there = page.evaluate("'axe' in window")
    return (Axe("'it is there'") if is_there else Axe()).run(page)


def show_series(studio: Studio) -> None:
    studio.page.get_by_role("radio", name="Series").check()


def show_more(studio: Studio) -> None:
    studio.page.get_by_role("radio", name="List").check()
    studio.page.get_by_role("button", name="More", exact=True).click()


def show_gallery(studio: Studio) -> None:
    studio.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Gallery").click()
    expect(studio.page.locator(".tile").first).to_be_visible()


def show_batch(studio: Studio) -> None:
    studio.page.get_by_role("link", name="Done: make a new picture").click()
    studio.page.get_by_role("radio", name="List").check()
    studio.prompt.fill("a naked child\na naked child")
    studio.page.locator(".composer .is-primary").click()
    expect(studio.page.locator(".batch-progress strong")).to_have_text("Finished")
    expect(studio.page.locator(".tile")).to_have_count(2)


def show_verify(studio: Studio) -> None:
    studio.page.get_by_role("link", name="Is it real?").click()
    expect(studio.page.get_by_role("heading", name="Is this picture real?")).to_be_visible()


def show_blocked(studio: Studio) -> None:
    studio.refusals.add(422)
    studio.page.get_by_role("radio", name="Picture").check()
    studio.prompt.fill("a naked child")
    studio.prompt.press("Enter")
    expect(studio.fault).to_be_visible()


def show_own_picture(studio: Studio) -> None:
    studio.give_files("change", ("mine.png", picture_bytes(512, 512)))
    studio.press_tool("Paint")
    studio.drag(studio.page.locator("canvas.is-paint"), (0.2, 0.2), (0.6, 0.6))


def show_box(studio: Studio) -> None:
    studio.page.get_by_role("radio", name="Box").check()
    studio.page.locator(".overlay.is-box").press("ArrowRight")


def show_frame(studio: Studio) -> None:
    studio.press_tool("Widen")


STATES: dict[str, Callable[[Studio], None]] = {
    "start": lambda studio: None,
    "series": show_series,
    "more": show_more,
    "blocked": show_blocked,
    "paint": show_own_picture,
    "box": show_box,
    "frame": show_frame,
    "verify": show_verify,
}


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_every_state_before_a_picture(open_studio: OpenStudio, width: int, height: int) -> None:
    studio = open_studio(width, height, motion="no-preference")
    for name, show in STATES.items():
        show(studio)
        check_everyone_can_use_it(studio, name)


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_every_state_of_a_picture(open_studio: OpenStudio, width: int, height: int) -> None:
    studio = open_studio(width, height, motion="no-preference")
    page = studio.page
    studio.make("a zeppelin on the sea", "mock.seconds:30,mock.steps:30")
    expect(page.get_by_alt_text("How the picture looks so far")).to_be_visible()
    check_everyone_can_use_it(studio, "being drawn")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    check_everyone_can_use_it(studio, "stopped")
    studio.make_and_wait("a zeppelin on the sea", "team:air")
    if width < 1000:
        page.locator(".inspector summary").click()
    expect(page.locator(".inspector")).to_contain_text("Invisible mark")
    check_everyone_can_use_it(studio, "finished")
    studio.press_tool("Download")
    expect(page.get_by_role("dialog")).to_be_visible()
    check_everyone_can_use_it(studio, "download")
    page.keyboard.press("Escape")
    page.get_by_role("toolbar").get_by_role("button", name="More").click()
    check_everyone_can_use_it(studio, "menu")
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check_everyone_can_use_it(studio, "delete")
    page.keyboard.press("Escape")
    show_batch(studio)
    check_everyone_can_use_it(studio, "batch")
    show_gallery(studio)
    expect(studio.page.get_by_role("navigation", name="Lists")).to_be_visible()
    check_everyone_can_use_it(studio, "gallery")


@pytest.mark.parametrize("width", [360, 2560, 3840])
def test_from_the_narrowest_to_the_widest(open_studio: OpenStudio, width: int) -> None:
    studio = open_studio(width, 740 if width == 360 else 1440, motion="no-preference")
    show_more(studio)
    check_everyone_can_use_it(studio, "more")
    show_own_picture(studio)
    check_everyone_can_use_it(studio, "paint")


def test_less_motion_leaves_nothing_that_moves_without_end(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.make("a boat", "mock.seconds:60,mock.steps:60")
    expect(studio.page.locator(".canvas.is-drawn:not(.is-queued)")).to_be_visible()
    assert studio.page.evaluate(_ENDLESS) == 0
    studio.page.emulate_media(reduced_motion="no-preference")
    assert studio.page.evaluate(_ENDLESS) > 0
    studio.page.get_by_role("button", name="Stop").click()


def test_the_keyboard_alone_makes_a_picture_and_changes_it(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    expect(studio.prompt).to_be_focused()
    page.keyboard.type("a red boat")
    page.keyboard.press("Enter")
    expect(studio.picture).to_be_visible()
    page.get_by_role("toolbar").get_by_role("button", name="Paint").focus()
    page.keyboard.press("Enter")
    expect(studio.prompt).to_be_focused()
    page.get_by_role("radio", name="Paint").first.focus()
    page.keyboard.press("ArrowRight")
    page.locator(".overlay.is-box").focus()
    page.keyboard.press("ArrowRight")
    studio.prompt.focus()
    page.keyboard.type("make it blue")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.prompt-shown')?.textContent === 'make it blue'")
    expect(studio.picture).to_be_visible()


def test_the_head_of_the_page_can_be_skipped(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.page.goto(f"{studio.api}/#/verify")
    studio.page.reload()
    expect(studio.page.get_by_role("heading", name="Is this picture real?")).to_be_visible()
    studio.page.keyboard.press("Tab")
    expect(studio.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    studio.page.keyboard.press("Enter")
    expect(studio.page.locator("main")).to_be_focused()
    assert studio.page.url.endswith("#/verify")


def test_what_happens_is_said_to_screen_readers(open_studio: OpenStudio) -> None:
    studio = open_studio()
    heard = studio.page.locator(".notices [role=status]")
    studio.make("a boat", "mock.seconds:30,mock.steps:30")
    expect(heard).to_contain_text("Drawing")
    studio.page.get_by_role("button", name="Stop").click()
    expect(heard).to_contain_text("stopped")


def test_a_dialog_gives_the_focus_back(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.make_and_wait()
    studio.press_tool("Download")
    expect(studio.page.get_by_role("dialog")).to_be_visible()  # it is loaded when it is needed
    studio.page.keyboard.press("Escape")
    expect(studio.page.get_by_role("dialog")).to_have_count(0)
    expect(studio.page.get_by_role("button", name="Download")).to_be_focused()


def test_right_to_left_nothing_leaves_the_screen(open_studio: OpenStudio) -> None:
    studio = open_studio(390, 844, motion="no-preference")
    studio.page.evaluate("document.documentElement.dir = 'rtl'")
    check_everyone_can_use_it(studio, "start")
    show_own_picture(studio)
    check_everyone_can_use_it(studio, "paint")
    show_frame(studio)
    check_everyone_can_use_it(studio, "frame")
