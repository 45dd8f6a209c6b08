"""Who may see what, what is real, and text that would like to be code."""

from __future__ import annotations

import io
import json

import httpx
from PIL import Image
from playwright.sync_api import Route, expect

from local.stack.stack_process import StackProcess
from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio, picture_bytes

HOSTILE = (
    """<img src=x onerror="window.hacked=1">"'>"""
    "<script>window.hacked=2</script>${window.hacked=3}<b>bold</b>"
)


def sign_in(studio: Studio, key: str) -> None:
    studio.page.get_by_label("API key").fill(key)
    studio.page.get_by_role("button", name="Sign in").click()


def test_two_owners_see_their_own_alone(open_studio: OpenStudio, keyed_stack: StackProcess) -> None:
    studio = open_studio(api=keyed_stack.state["api"])
    studio.refusals |= {401, 404}
    page = studio.page
    sign_in(studio, "wrong-key")
    expect(page.get_by_text("This key is not known here.")).to_be_visible()
    sign_in(studio, "ada-key")
    expect(page.get_by_text("ada", exact=True)).to_be_visible()
    job_id = studio.make_and_wait("a boat of Ada's")
    page.get_by_role("button", name="Sign out").click()
    sign_in(studio, "bob-key")
    expect(page.get_by_text("bob", exact=True)).to_be_visible()
    page.get_by_role("link", name="Gallery").click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    page.goto(f"{studio.api}/#/job/{job_id}")
    expect(page.locator(".notice")).to_contain_text("There is no such job")


def test_a_key_is_kept_for_the_tab_alone_and_never_in_an_address(
    open_studio: OpenStudio, keyed_stack: StackProcess
) -> None:
    studio = open_studio(api=keyed_stack.state["api"])
    studio.refusals.add(401)
    addresses: list[str] = []
    studio.page.on("request", lambda request: addresses.append(request.url))
    sign_in(studio, "ada-key")
    studio.make_and_wait("a boat")
    studio.page.reload()
    expect(studio.picture).to_be_visible()
    assert not any("ada-key" in address for address in [*addresses, studio.page.url])
    assert studio.page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert studio.page.evaluate("sessionStorage.length") == 1
    studio.page.get_by_role("button", name="Sign out").click()
    expect(studio.page.get_by_label("API key")).to_be_visible()
    assert studio.page.evaluate("sessionStorage.length") == 0


def test_a_picture_of_ours_is_told_from_another(open_studio: OpenStudio) -> None:
    studio = open_studio()
    job_id = studio.make_and_wait("a boat")
    data = httpx.get(f"{studio.api}/v1/jobs/{job_id}/images/0").content
    page = studio.page
    studio.give_files("verify", ("ours.png", data))
    expect(page.get_by_role("heading", name="Made here, unchanged")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Plantain")
    page.get_by_role("button", name="Look at another one").click()
    page.locator(".verify input[type=file]").set_input_files(
        {"name": "other.png", "mimeType": "image/png", "buffer": picture_bytes()}
    )
    expect(page.get_by_role("heading", name="Not made here")).to_be_visible()
    with Image.open(io.BytesIO(data)) as opened:
        copy = io.BytesIO()
        opened.convert("RGB").save(copy, "JPEG", quality=92)
    studio.give_files("verify", ("copy.jpg", copy.getvalue()))
    expect(page.get_by_role("heading", name="A copy of a picture made here")).to_be_visible()
    page.get_by_role("link", name="Show the job").click()
    expect(page).to_have_url(f"{studio.api}/#/job/{job_id}/0")


def test_what_was_understood_and_the_proof_are_shown(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.make_and_wait("two red boats and a zeppelin on the sea at night, no moon")
    about = studio.page.locator(".inspector")
    for said in ("2 × red boat", "sea", "night", "no moon", "Not recognised", "zeppelin"):
        expect(about).to_contain_text(said)
    for proof in ("Drawing 1", "Invisible mark", "Signed by Plantain development", "Where the time went"):
        expect(about).to_contain_text(proof)


def test_what_the_model_was_never_shown_is_not_said_to_be_understood(open_studio: OpenStudio) -> None:
    """The rules read it from the grammar, as a model with a small vocabulary has it."""

    def add_unrecognized(route: Route) -> None:
        manifest = route.fetch().json()
        manifest["intent"]["unrecognized"] = ["purple elephant"]
        route.fulfill(json=manifest)

    studio = open_studio()
    studio.page.route("**/manifest", add_unrecognized)
    studio.make_and_wait("a red boat with a purple elephant on the sea")
    about = studio.page.locator(".inspector")
    expect(about.locator(".is-lost")).to_have_text(["purple elephant"])
    expect(about.locator(".is-thing")).to_have_text(["red boat"])


def check_nothing_ran(studio: Studio) -> None:
    assert studio.page.evaluate("window.hacked") is None
    assert studio.page.locator("img[src='x'], main b, main script").count() == 0


def test_markup_in_prompts_labels_and_names_is_text(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    studio.make_and_wait(HOSTILE, 'team:<img src=x onerror="window.hacked=4">')
    expect(page.locator(".prompt-shown")).to_have_text(HOSTILE)
    page.get_by_role("link", name="Gallery").click()
    expect(page.locator(".tile-text").first).to_have_text(HOSTILE)
    expect(page.locator(".tile-labels").first).to_contain_text("<img src=x")
    page.get_by_role("searchbox").fill(HOSTILE)
    expect(page.locator(".tile")).to_have_count(1)
    check_nothing_ran(studio)
    studio.give_files("change", (f"{HOSTILE}.png", picture_bytes()))
    expect(page.locator(".target-name")).to_contain_text("<img src=x")
    studio.give_files("reference", (f"{HOSTILE}.png", b"no picture"))
    expect(page.locator(".notice")).to_contain_text("<img src=x")
    check_nothing_ran(studio)


def test_markup_in_errors_and_models_is_text(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.refusals.add(400)
    model = {"name": HOSTILE, "refuses": [], "paid": False}
    capabilities = {"release": HOSTILE, "owner": HOSTILE, "default_model": HOSTILE, "models": [model, model]}
    problem = {"code": HOSTILE, "title": HOSTILE, "detail": HOSTILE, "block": {"categories": [HOSTILE]}}

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=400, body=json.dumps(problem), content_type="application/problem+json")
        else:
            route.continue_()

    studio.page.route("**/v1/capabilities", lambda route: route.fulfill(json=capabilities))
    studio.page.route("**/v1/jobs", refuse)
    studio.page.reload()
    studio.prompt.fill("a boat")
    studio.prompt.press("Enter")
    expect(studio.fault).to_contain_text("<script>")
    check_nothing_ran(studio)


def test_markup_in_the_lines_of_a_list_is_text(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    batch_id = f"batch_{'a' * 26}"
    error = {"code": HOSTILE, "message": HOSTILE}
    batch = {
        "id": batch_id,
        "state": "completed",
        "lines": 1,
        "created": "2026-11-29T08:00:00Z",
        "error": error,
    }
    item = {"line": 1, "state": "refused", "custom_id": HOSTILE, "images": [], "error": error}
    page.route(
        f"**/v1/batches/{batch_id}", lambda route: route.fulfill(json={**batch, "counts": {HOSTILE: 1}})
    )
    page.route(
        f"**/v1/batches/{batch_id}/items?*",
        lambda route: route.fulfill(json={"items": [item], "next_cursor": None}),
    )
    page.goto(f"{studio.api}/#/batch/{batch_id}")
    expect(page.locator(".tile-text")).to_have_text(HOSTILE)
    check_nothing_ran(studio)


def test_an_address_with_markup_shows_the_page(open_studio: OpenStudio) -> None:
    studio = open_studio()
    for address in ("#/job/<script>window.hacked=5</script>", "#/%3Cimg src=x onerror=alert(1)%3E"):
        studio.open(address)
        expect(studio.prompt).to_be_visible()
    check_nothing_ran(studio)
