"""The studio in a real browser, against the real stack with the mock engine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from local.stack.stack_process import StackProcess
from tests.browser.studio import Studio
from tests.mock_stack import killed_afterwards, mock_stack

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
]
KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}

OpenStudio = Callable[..., Studio]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without its window where that is installed: a page takes half of the processor time.

    Without one the tests are skipped at home, and fail in CI.

    Playwright's event loop runs in this thread as long as the browser does, and no other can: it must not
    outlive the file.
    """
    named = os.environ.get("PLANTAIN_TEST_CHROMIUM")
    program = named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with killed_afterwards(mock_stack(tmp_path_factory.mktemp("studio"))) as running:
        yield running


@pytest.fixture(scope="session")
def keyed_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack that answers Ada and Bob, and no one without a key."""
    environment = {"PLANTAIN_API_KEYS": json.dumps(KEYS)}
    stack = mock_stack(tmp_path_factory.mktemp("keyed"), environment=environment)
    with killed_afterwards(stack) as running:
        yield running


@pytest.fixture(scope="module")
def context_of(chromium: Browser) -> Callable[[bool], BrowserContext]:
    """Returns the context of pages without or with touch, which the tests of a file share.

    A browser keeps the studio's files for ever: they are loaded and compiled once, and not for each test. The
    studio itself keeps something only in its tab's ``sessionStorage``, which ends with the page.
    """

    @cache
    def context(touch: bool) -> BrowserContext:
        return chromium.new_context(has_touch=touch, is_mobile=touch, permissions=["camera"])

    return context


@pytest.fixture
def open_studio(context_of: Callable[[bool], BrowserContext], stack: StackProcess) -> Iterator[OpenStudio]:
    """Opens the studio. When the test ends, each one that was opened must have run without a fault.

    It is opened as by a person who asks for less motion: what moves takes a core as long as it is shown.
    """
    opened: list[Studio] = []

    def open_one(
        width: int = 1440,
        height: int = 900,
        *,
        scheme: Any = "light",
        touch: bool = False,
        motion: Any = "reduce",
        api: str = "",
    ) -> Studio:
        page = context_of(touch).new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion=motion)
        studio = Studio(page, api or stack.state["api"])
        opened.append(studio)
        studio.open()
        return studio

    yield open_one
    try:
        for studio in opened:
            studio.check_clean()
    finally:
        for studio in opened:
            studio.page.context.set_offline(False)
            studio.page.close()
