"""What a first visit loads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from local.stack.stack_process import StackProcess

MOST = 100_000  # bytes, as they are sent


def test_a_first_visit_loads_less_than_a_hundred_kilobytes(chromium: Browser, stack: StackProcess) -> None:
    context = chromium.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    paths, sizes = dict[str, str](), dict[str, int]()

    def hear_request(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def hear_end(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.requestWillBeSent", hear_request)
    session.on("Network.loadingFinished", hear_end)
    page.goto(f"{stack.state['api']}/", wait_until="networkidle")
    expect(page.locator("#prompt")).to_be_visible()
    own = {paths[id]: size for id, size in sizes.items() if not paths[id].startswith("/v1/")}
    assert "/" in own
    assert len(own) > 20
    assert sum(own.values()) < MOST, own
    assert not any("photoswipe" in path for path in own)  # it comes when a picture is zoomed into

    sizes.clear()
    page.reload(wait_until="networkidle")
    again = {paths[id]: size for id, size in sizes.items() if not paths[id].startswith("/v1/")}
    assert sum(again.values()) < 1_000, again  # the page is asked for, and nothing else is sent again
    context.close()
