"""Going on: the gallery from the server, and deleting."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenStudio
from tests.browser.studio import picture_bytes

MANY, PAGE = 500, 50


def listed(number: int) -> dict[str, Any]:
    """A job as a listing with details has it."""
    letters = "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")
    return {
        "id": f"job_{'a' * 23}{letters}",
        "state": "succeeded",
        "task": "generate",
        "created": "2026-11-29T08:00:00Z",
        "labels": {},
        "url": "",
        "prompt": f"picture number {number}",
        "prompts": [],
        "images": 1,
        "inputs": 0,
    }


def test_it_is_searched_by_words_and_label(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.make_and_wait("a quaint windmill", "garden:north")
    studio.make_and_wait("a plain lighthouse", "garden:south")
    page = studio.page
    page.get_by_role("link", name="Gallery").click()
    tiles = page.locator(".tile")
    page.get_by_role("searchbox").fill("windmill")
    expect(tiles).to_have_count(1)
    expect(tiles).to_contain_text("a quaint windmill")
    page.get_by_role("searchbox").fill("nothing of the kind")
    expect(page.get_by_role("heading", name="Nothing was found")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("combobox", name="Label").select_option("garden:south")
    expect(tiles).to_have_count(1)
    expect(tiles).to_contain_text("a plain lighthouse")
    tiles.get_by_role("link").click()
    expect(studio.picture).to_be_visible()


def test_another_browser_has_the_same_gallery(open_studio: OpenStudio) -> None:
    open_studio().make_and_wait("a picture of another day")
    other = open_studio(390, 844, touch=True)
    other.page.get_by_role("link", name="Gallery").click()
    expect(other.page.get_by_text("a picture of another day").first).to_be_visible()


def test_a_job_is_deleted_after_it_is_said_what_goes(open_studio: OpenStudio) -> None:
    studio = open_studio()
    job_id = studio.make_and_wait("a picture to delete")
    studio.page.get_by_role("toolbar").get_by_role("button", name="More").click()
    studio.page.get_by_role("menuitem", name="Delete").click()
    dialog = studio.page.get_by_role("dialog")
    expect(dialog).to_contain_text("This removes the picture, the prompt, the labels")
    dialog.get_by_role("button", name="Delete").click()
    expect(studio.page.get_by_role("heading", name="What should the picture show?")).to_be_visible()
    expect(studio.page.get_by_role("link", name="a picture to delete")).to_have_count(0)
    assert httpx.get(f"{studio.api}/v1/jobs/{job_id}").status_code == 410
    studio.refusals.add(410)
    studio.page.goto(f"{studio.api}/#/job/{job_id}")
    expect(studio.page.locator(".notice")).to_contain_text("This job was deleted")


def test_five_hundred_pictures_come_page_by_page_and_are_loaded_when_they_are_near(
    open_studio: OpenStudio,
) -> None:
    studio = open_studio()
    page, previews = studio.page, set[str]()

    def answer_page(route: Route) -> None:
        first = int(route.request.url.partition("cursor=")[2] or 0)
        following = str(first + PAGE) if first + PAGE < MANY else None
        jobs = [listed(number) for number in range(first, first + PAGE)]
        route.fulfill(
            body=json.dumps({"jobs": jobs, "next_cursor": following}), content_type="application/json"
        )

    def answer_preview(route: Route) -> None:
        previews.add(route.request.url)
        route.fulfill(body=picture_bytes(format="JPEG"), content_type="image/jpeg")

    page.route("**/v1/jobs?*", answer_page)
    page.route("**/preview?*", answer_preview)
    page.get_by_role("link", name="Gallery").click()
    tiles = page.locator(".tile")
    expect(tiles.first.locator("img")).to_be_visible()
    assert len(previews) < MANY / 2
    while page.get_by_text("That is everything").count() == 0:
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(50)
    expect(tiles).to_have_count(MANY)


@pytest.mark.parametrize("width", [390, 1440])
def test_an_empty_gallery_leads_to_the_first_picture(open_studio: OpenStudio, width: int) -> None:
    studio = open_studio(width)
    studio.page.route(
        "**/v1/jobs?*",
        lambda route: route.fulfill(
            body='{"jobs": [], "next_cursor": null}', content_type="application/json"
        ),
    )
    studio.page.get_by_role("link", name="Gallery").click()
    studio.page.get_by_role("link", name="Make the first picture").click()
    expect(studio.prompt).to_be_visible()
