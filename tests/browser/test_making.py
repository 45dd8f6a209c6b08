"""Making pictures: one field and one press, then everything else."""

from __future__ import annotations

import io
import os
import random
import re
import signal
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Request, Route, expect

from local.stack.stack_process import StackProcess
from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio, picture_bytes
from tests.eventually import eventually


@pytest.mark.parametrize(("width", "height", "touch"), [(1440, 900, False), (390, 844, True)])
def test_one_field_and_one_press_make_a_picture(
    open_studio: OpenStudio, width: int, height: int, touch: bool
) -> None:
    studio = open_studio(width, height, touch=touch, motion="no-preference")
    studio.page.locator("#prompt").fill("a red boat on the sea")
    studio.page.get_by_role("button", name="Make", exact=True).click()
    expect(studio.picture).to_be_visible()
    assert studio.job(studio.job_id)["request"]["prompt"] == "a red boat on the sea"


def test_the_way_to_a_picture_and_to_a_painted_change_of_it_is_short(open_studio: OpenStudio) -> None:
    """One field and one press make a picture; at most four presses and a stroke change a place of it."""
    studio = open_studio()
    page = studio.page
    page.evaluate(
        """() => {
            window.presses = { buttons: 0, strokes: 0 };
            addEventListener("pointerdown", ({ target }) => {
                presses[target.closest("canvas") ? "strokes" : "buttons"] += 1;
            }, true);
        }"""
    )
    expect(studio.prompt).to_be_focused()
    page.keyboard.type("a red boat on the sea")
    page.get_by_role("button", name="Make", exact=True).click()
    expect(studio.picture).to_be_visible()
    assert page.evaluate("presses") == {"buttons": 1, "strokes": 0}
    first = studio.job_id
    studio.press_tool("Paint")
    studio.drag(page.locator("canvas.is-paint"), (0.3, 0.5), (0.6, 0.5))
    expect(studio.prompt).to_be_focused()
    page.keyboard.type("make it blue")
    page.get_by_role("button", name="Change it").click()
    page.wait_for_function("(id) => location.hash.length > 9 && !location.hash.includes(id)", arg=first)
    expect(studio.picture).to_be_visible()
    request = studio.job(studio.job_id)["request"]
    assert (request["task"], "mask" in request) == ("edit", True)
    presses = page.evaluate("presses")
    assert presses["buttons"] - 1 <= 4, presses
    assert presses["strokes"] == 1


def test_enter_sends_and_the_fields_are_sent_as_chosen(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    page.get_by_role("combobox", name="Shape").select_option("16:9")
    page.get_by_role("combobox", name="Size").select_option("512")
    page.get_by_role("combobox", name="Number").select_option("2")
    page.get_by_role("textbox", name="Seed").fill("7")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_label("Must not be seen").fill("a moon")
    page.get_by_label("Bits a channel").select_option("16")
    studio.prompt.fill("a boat")
    studio.prompt.press("Enter")
    expect(page.locator(".several .picture.is-shown")).to_have_count(2)
    request = studio.job(studio.job_id)["request"]
    wanted: dict[str, Any] = {"aspect_ratio": "16:9", "size": "512", "count": 2, "seed": 7, "bit_depth": 16}
    assert request | wanted | {"negative_prompt": "a moon"} == request
    page.get_by_role("button", name="Show picture 2").click()
    expect(studio.picture).to_be_visible()
    assert page.url.endswith("/1")


def test_it_is_seen_being_drawn_and_can_be_stopped(open_studio: OpenStudio) -> None:
    studio = open_studio()
    job_id = studio.make("a boat", "mock.seconds:60,mock.steps:60")
    expect(studio.page.locator(".status")).to_contain_text("Drawing, step")
    expect(studio.page.get_by_alt_text("How the picture looks so far")).to_be_visible()
    studio.page.get_by_role("button", name="Stop").click()
    expect(studio.page.get_by_role("heading", name="Stopped")).to_be_visible()
    assert studio.job(job_id)["state"] == "canceled"


def test_several_jobs_run_and_each_is_stopped_by_itself(open_studio: OpenStudio) -> None:
    studio = open_studio()
    first = studio.make("the first", "mock.seconds:120")
    second = studio.make("the second", "mock.seconds:120")
    expect(studio.page.get_by_text("2 jobs running")).to_be_visible()
    studio.page.get_by_role("button", name="Stop").click()
    eventually(lambda: studio.job(second)["state"] in ("canceling", "canceled"))
    assert studio.job(first)["state"] in ("queued", "running")
    studio.page.get_by_role("link", name="Picture: the first").click()
    studio.page.get_by_role("button", name="Stop").click()
    expect(studio.page.get_by_role("heading", name="Stopped")).to_be_visible()
    for job_id in (first, second):  # the second one's worker is free to see it only now
        eventually(lambda job_id=job_id: studio.job(job_id)["state"] == "canceled")


def test_the_place_in_the_queue_is_told(open_studio: OpenStudio) -> None:
    """The worker claims six jobs: one is drawn, two wait to be drawn, three are in the intake lane."""
    studio = open_studio()
    running = [studio.make(f"job {n}", "mock.seconds:120") for n in range(8)]
    expect(studio.page.locator(".status")).to_contain_text("before this one")
    for job_id in running:
        httpx.post(f"{studio.api}/v1/jobs/{job_id}/cancel")
    expect(studio.page.get_by_role("heading", name="Stopped")).to_be_visible()


def test_a_blocked_prompt_says_why_and_what_to_do(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.refusals.add(422)
    studio.prompt.fill("a naked child")
    studio.prompt.press("Enter")
    expect(studio.fault).to_contain_text("The rules of this deployment do not allow")
    expect(studio.fault).to_contain_text("Code")
    studio.prompt.fill("a boat")
    expect(studio.fault).to_have_count(0)


@pytest.mark.parametrize(
    ("script", "title"),
    [("blocked", "The picture is not allowed here"), ("out_of_memory", "It does not fit")],
)
def test_a_job_that_fails_says_why_and_can_be_made_again(
    open_studio: OpenStudio, script: str, title: str
) -> None:
    studio = open_studio()
    first = studio.make("a boat", f"mock.fail:{script}")
    expect(studio.page.get_by_role("heading", name=title)).to_be_visible()
    studio.page.get_by_role("button", name="Change the prompt").click()
    expect(studio.prompt).to_have_value("a boat")
    if script == "out_of_memory":
        studio.page.get_by_role("button", name="Make it again").click()
        studio.page.wait_for_function("(id) => !location.hash.includes(id)", arg=first)
        expect(studio.page.get_by_role("heading", name=title)).to_be_visible()


def test_a_picture_outside_the_models_domain_is_changed_anyway_when_asked(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.give_files("change", ("mine.png", picture_bytes()))
    studio.write_labels("mock.fail:permanent")
    studio.prompt.fill("make it blue")
    first = studio.press_primary()
    expect(studio.page.get_by_role("button", name="Make it again")).to_be_visible()

    def say_outside_domain(route: Route) -> None:
        answer = route.fetch()
        error = {**answer.json()["error"], "code": "outside_model_domain"}
        route.fulfill(response=answer, json={**answer.json(), "error": error})

    studio.page.route(f"**/v1/jobs/{first}", say_outside_domain)
    studio.page.reload()
    with studio.page.expect_request(lambda request: request.method == "POST") as sent:
        studio.page.get_by_role("button", name="Change it anyway").click()
    assert '"allow_outside_domain":true' in (sent.value.post_data or "")


def test_a_lost_connection_is_said_until_it_is_back(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.refusals.add(0)
    studio.make("a boat", "mock.seconds:6")
    expect(studio.page.locator(".status")).to_be_visible()
    studio.page.context.set_offline(True)
    expect(studio.page.get_by_role("alert")).to_contain_text("The connection is lost")
    studio.page.context.set_offline(False)
    expect(studio.picture).to_be_visible()
    expect(studio.page.get_by_role("alert")).to_have_count(0)


def test_a_stream_that_is_lost_is_taken_up_where_it_was(open_studio: OpenStudio, stack: StackProcess) -> None:
    studio = open_studio()
    studio.refusals.add(0)
    resumed: list[str] = []

    def look(request: Request) -> None:
        if request.url.endswith("/events") and (last := request.headers.get("last-event-id")):
            resumed.append(last)

    studio.page.on("request", look)
    studio.make("a boat", "mock.seconds:15,mock.steps:15")
    expect(studio.page.locator(".status")).to_contain_text("Drawing, step")
    status = httpx.get(stack.state["control"]).json()
    (api,) = [each["pid"] for each in status["processes"] if each["name"] == "functions-api"]
    os.kill(api, signal.SIGKILL)
    expect(studio.picture).to_be_visible()
    assert resumed


def test_after_a_reload_everything_is_there_again(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.make("a long one", "mock.seconds:10")
    expect(studio.page.locator(".status")).to_be_visible()
    studio.page.reload()
    expect(studio.picture).to_be_visible()
    expect(studio.page.locator(".prompt-shown")).to_have_text("a long one")


def test_a_series_keeps_its_captions(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    page.get_by_role("radio", name="Series").check()
    studio.prompt.fill("a cat with a hat")
    page.get_by_role("textbox", name="Picture 1").fill("at home")
    page.get_by_role("textbox", name="Picture 2").fill("in the snow")
    job_id = studio.press_primary()
    expect(page.locator(".several.is-strip .picture.is-shown")).to_have_count(2)
    expect(page.locator(".caption").first).to_have_text("at home")
    assert studio.job(job_id)["request"]["prompts"] == ["at home", "in the snow"]


def test_a_clip_is_made_and_plays(open_studio: OpenStudio) -> None:
    studio = open_studio(motion="no-preference")
    page = studio.page
    page.get_by_role("radio", name="Clip").check()
    page.get_by_label("Length").select_option("2")
    page.get_by_label("Size").select_option("512")
    studio.prompt.fill("a boat rocks")
    job_id = studio.press_primary()
    expect(page.locator("video.clip")).to_be_visible()
    page.wait_for_function(
        "() => { const clip = document.querySelector('video.clip');"
        " return clip.videoWidth > 0 && clip.currentTime > 0.1 && !clip.paused && !clip.error; }"
    )
    sides = page.evaluate(
        "() => { const { videoWidth, videoHeight, duration } = document.querySelector('video.clip');"
        " return [videoWidth, videoHeight, Math.round(duration)]; }"
    )
    job = studio.job(job_id)
    assert sides == [job["width"], job["height"], 2]
    assert [image["content_type"] for image in job["images"]] == ["video/mp4", "image/jpeg"]
    expect(page.get_by_role("region", name="The clip")).to_be_visible()
    expect(page.get_by_text("About this clip")).to_be_visible()
    page.get_by_role("toolbar").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("This removes the clip, the prompt")


def test_a_list_becomes_a_batch_with_its_progress_and_results(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    page.get_by_role("combobox", name="Size").select_option("512")
    page.get_by_role("radio", name="List").check()
    studio.prompt.fill("first of the list\n\na naked child\nthird of the list")
    expect(page.get_by_text("3 lines of at most 10,000.")).to_be_visible()
    page.get_by_role("button", name="Make 3").click()
    page.wait_for_url("**/#/batch/batch_*")
    lines = page.get_by_role("list", name="The lines in their order").get_by_role("listitem")
    expect(lines.first).to_contain_text("1. first of the list")
    expect(page.get_by_role("heading", name="A list of 3 lines")).to_be_visible()
    expect(page.locator(".batch-progress strong")).to_have_text("Finished")
    expect(lines.locator("img")).to_have_count(2)
    expect(lines.nth(1)).to_contain_text("not taken")
    batch = httpx.get(f"{studio.api}/v1/batches/{page.url.rpartition('/')[2]}").json()
    assert batch["counts"] == {"refused": 1, "succeeded": 2}
    page.get_by_role("link", name="Gallery").first.click()
    page.get_by_role("navigation", name="Lists").get_by_role("link").first.click()
    lines.last.get_by_role("link").click()
    expect(page.locator(".prompt-shown")).to_have_text("third of the list")
    request = studio.job(studio.job_id)["request"]
    assert (request["priority"], request["size"], request["deadline_seconds"]) == ("low", "512", 86_400)


def test_a_list_is_stopped_and_deleted(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.page.get_by_role("radio", name="List").check()
    studio.write_labels("mock.seconds:600")
    studio.prompt.fill("\n".join(f"line {n}" for n in range(4)))
    studio.page.locator(".composer .is-primary").click()
    expect(studio.page.get_by_role("heading", name="A list of 4 lines")).to_be_visible()
    expect(studio.page.locator(".batch-progress strong")).to_have_text("Under way")
    studio.page.get_by_role("button", name="Stop the list").click()
    expect(studio.page.locator(".batch-progress strong")).to_have_text("Stopped")
    expect(studio.page.locator(".batch-progress")).to_contain_text("4 stopped")
    batch = f"{studio.api}/v1/batches/{studio.page.url.rpartition('/')[2]}"
    jobs = {item["job_id"] for item in httpx.get(f"{batch}/items").json()["items"]}
    studio.page.get_by_role("button", name="Delete the list").click()
    dialog = studio.page.get_by_role("dialog")
    expect(dialog).to_contain_text("the list of 4 lines")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    studio.page.wait_for_url("**/#/gallery")
    assert httpx.get(batch).status_code == 410
    assert {httpx.get(f"{studio.api}/v1/jobs/{job}").status_code for job in jobs} == {410}


def test_a_list_that_is_too_long_is_not_sent(open_studio: OpenStudio) -> None:
    studio = open_studio()
    set_limit(studio, "batchLines", 3)
    studio.page.get_by_role("radio", name="List").check()
    studio.prompt.fill("a\nb\nc\nd\ne")
    said = "5 lines: that is 2 more than a list takes"
    expect(studio.page.locator(".composer").get_by_role("status")).to_contain_text(said)
    studio.page.locator(".composer .is-primary").click()
    expect(studio.fault).to_contain_text(said)


def test_an_estimate_comes_before_and_nothing_is_made(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.make_and_wait("a measured boat")
    studio.page.get_by_role("link", name="Done: make a new picture").click()
    studio.prompt.fill("another boat")
    expect(studio.page.locator(".estimate")).to_contain_text("about")


@pytest.mark.parametrize("use", ["reference", "paste"])
def test_a_picture_that_is_dropped_or_pasted_is_used(open_studio: OpenStudio, use: str) -> None:
    studio = open_studio()
    if use == "paste":
        studio.give_files("paste", ("mine.png", picture_bytes()))
        expect(studio.picture).to_be_visible()
        studio.prompt.fill("make it blue")
    else:
        studio.give_files("reference", ("one.png", picture_bytes()), ("two.png", picture_bytes(colour="red")))
        expect(studio.page.locator(".reference")).to_have_count(2)
        studio.prompt.fill("a boat like these")
    request = studio.job(studio.press_primary())["request"]
    assert (request["task"], len(request["images"])) == (("edit", 1) if use == "paste" else ("generate", 2))
    expect(studio.picture).to_be_visible()


def test_a_photograph_is_used(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.page.get_by_role("button", name="Add a picture").click()
    studio.page.get_by_role("menuitem", name="From the camera").click()
    studio.page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0")
    studio.page.get_by_role("button", name="Take it").click()
    expect(studio.page.get_by_text("Changing camera.jpg")).to_be_visible()


def test_a_file_that_is_no_picture_is_said_to_be_none(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.give_files("change", ("letter.png", b"Dear Ada"))
    expect(studio.page.locator(".notice")).to_contain_text("letter.png is no picture")


def set_limit(studio: Studio, name: str, value: int) -> None:
    """Makes one of the page's limits smaller: files of 20 MB would take the browser long."""
    studio.page.evaluate(
        """async ([name, value]) => {
            const address = document.querySelector("script").src.replace("app.js", "state/limits.js");
            const { LIMITS } = await import(address);
            LIMITS[name] = value;
        }""",
        [name, value],
    )


def noise(side: int) -> bytes:
    target = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(target, "PNG")
    return target.getvalue()


def test_a_picture_that_is_too_large_is_sent_as_a_smaller_copy_and_this_is_said(
    open_studio: OpenStudio,
) -> None:
    studio = open_studio()
    set_limit(studio, "inlineBytes", 60_000)
    studio.give_files("change", ("large.png", noise(320)))
    note = studio.page.locator(".target .note")
    expect(note).to_contain_text(
        re.compile(r"large\.png has 0\.3 MB.*a copy of \d+ × \d+ is sent, \d\.\d MB")
    )
    studio.prompt.fill("make it blue")
    sent: list[int] = []
    studio.page.on("request", lambda request: sent.append(len(request.post_data or "")))
    job_id = studio.press_primary()
    assert 0 < max(sent) < 60_000 * 4 / 3 + 1_000
    width = studio.job(job_id)["width"]
    assert 176 <= width < 320
    expect(studio.picture).to_be_visible()


def test_pictures_that_are_too_large_together_are_not_sent(open_studio: OpenStudio) -> None:
    studio = open_studio()
    set_limit(studio, "filesTogether", 100_000)
    studio.give_files("reference", ("one.png", noise(160)), ("two.png", noise(160)))
    expect(studio.page.locator(".reference")).to_have_count(2)
    studio.prompt.fill("a boat like these")
    studio.prompt.press("Enter")
    expect(studio.fault).to_contain_text("The pictures have 0.1 MB together, and a request takes 0.1 MB")
