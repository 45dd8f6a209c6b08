"""/docs in a browser: the description is shown and can be tried, without a fault and without another host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from local.stack.stack_process import StackProcess
from tests.browser.studio import Studio

DIALECTS = ("Plantain", "Gemini", "OpenAI", "Stable Diffusion WebUI")


@pytest.fixture
def opened(chromium: Browser) -> Iterator[list[Studio]]:
    """The pages that the test opens. When it ends, each must have run without a fault."""
    pages: list[Studio] = []
    yield pages
    for page in pages:
        page.check_clean()
        page.page.context.close()


def open_docs(chromium: Browser, opened: list[Studio], stack: StackProcess, query: str = "") -> Studio:
    docs = Studio(chromium.new_page(viewport={"width": 1280, "height": 900}), stack.state["api"])
    opened.append(docs)
    docs.page.goto(f"{docs.api}/docs{query}")
    return docs


def try_example(docs: Studio) -> Locator:
    """Sends the example of a new job, and returns where the answer is shown."""
    operation = docs.page.locator("#operations-Plantain-jobs_create")
    if operation.locator(".opblock-body").count() == 0:
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table .response")


def test_every_dialect_is_shown_and_each_has_a_page_of_its_own(
    chromium: Browser, stack: StackProcess, opened: list[Studio]
) -> None:
    page = open_docs(chromium, opened, stack).page
    for title in DIALECTS:
        expect(page.locator(f'[data-tag="{title}"]')).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="OpenAI").click()
    expect(page.locator('[data-tag="OpenAI"]')).to_be_visible()
    expect(page.locator('[data-tag="Plantain"]')).to_have_count(0)
    expect(page.locator("nav [aria-current=page]")).to_have_text("OpenAI")
    expect(page.locator("#operations-OpenAI-openai_images_create")).to_be_visible()


def test_an_example_is_tried(chromium: Browser, stack: StackProcess, opened: list[Studio]) -> None:
    answer = try_example(open_docs(chromium, opened, stack, "?dialect=own"))
    expect(answer.locator(".response-col_status")).to_contain_text("202")
    expect(answer).to_contain_text("a red boat on the sea")


def test_a_key_is_asked_for_where_the_deployment_has_keys(
    chromium: Browser, keyed_stack: StackProcess, opened: list[Studio]
) -> None:
    docs = open_docs(chromium, opened, keyed_stack, "?dialect=own")
    docs.refusals.add(401)
    expect(try_example(docs).locator(".response-col_status")).to_contain_text("401")
    docs.page.locator(".scheme-container .authorize").click()
    form = docs.page.locator(".auth-container").filter(has_text="X-API-Key")
    form.get_by_role("textbox").fill("ada-key")
    form.get_by_role("button", name="Apply credentials").click()
    docs.page.locator(".modal-ux .close-modal").click()
    expect(try_example(docs).locator(".response-col_status")).to_contain_text("202")
