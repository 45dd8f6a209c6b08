"""Changing a picture: by words, in a place, beyond its frame, and larger."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio, picture_bytes


@pytest.fixture
def studio(open_studio: OpenStudio) -> Studio:
    """The studio with a picture that was just made."""
    found = open_studio()
    found.page.get_by_role("combobox", name="Size").select_option("512")
    found.make_and_wait()
    return found


def finished_request(studio: Studio, job_id: str) -> dict[str, Any]:
    studio.page.wait_for_url(f"**/#/job/{job_id}")
    expect(studio.picture).to_be_visible()
    job = studio.job(job_id)
    assert job["state"] == "succeeded", job["error"]
    return job["request"]


def test_by_words_and_the_result_is_the_next_to_be_changed(studio: Studio) -> None:
    first = studio.job_id
    studio.press_tool("Change")
    studio.prompt.fill("make it blue")
    second = studio.press_primary()
    assert finished_request(studio, second)["images"][0]["uri"].endswith(f"{first}/0.png")
    expect(studio.page.get_by_text("Changing this picture")).to_be_visible()
    studio.prompt.fill("make it night")
    third = studio.press_primary()
    assert finished_request(studio, third)["images"][0]["uri"].endswith(f"{second}/0.png")
    versions = studio.page.locator(".tree")
    expect(versions.locator("a")).to_have_count(3)
    expect(versions.locator("[aria-current]")).to_contain_text("make it night")


def painted_part(studio: Studio) -> list[bytes]:
    """Hears the masks that are sent, before the server stores them."""
    masks: list[bytes] = []

    def hear(route: Any) -> None:
        body = route.request.post_data_json or {}
        if "mask" in body and not body.get("dry_run"):
            masks.append(base64.b64decode(body["mask"]["data"]))
        route.continue_()

    studio.page.route("**/v1/jobs", hear)
    return masks


def check_mask(mask: bytes) -> None:
    """The left half's middle was painted, and nothing of the right half."""
    pixels = np.asarray(Image.open(io.BytesIO(mask)).convert("L"))
    assert pixels.shape == (512, 512)
    assert pixels[256, 128] > 200
    assert pixels[:, 300:].max() == 0
    assert 0.01 < (pixels > 128).mean() < 0.2


LINE = ((0.15, 0.5), (0.25, 0.52), (0.4, 0.5))


def test_a_place_is_painted_with_the_mouse(studio: Studio) -> None:
    masks = painted_part(studio)
    studio.press_tool("Paint")
    studio.drag(studio.page.locator("canvas.is-paint"), *LINE)
    studio.prompt.fill("make it green")
    finished_request(studio, studio.press_primary())
    check_mask(masks[0])


def test_a_place_is_painted_with_a_finger(open_studio: OpenStudio) -> None:
    studio = open_studio(390, 844, touch=True)
    studio.give_files("change", ("mine.png", picture_bytes(512, 512)))
    expect(studio.picture).to_be_visible()
    masks = painted_part(studio)
    studio.press_tool("Paint")
    studio.drag_finger(studio.page.locator("canvas.is-paint"), *LINE)
    studio.prompt.fill("make it green")
    finished_request(studio, studio.press_primary())
    check_mask(masks[0])


def test_a_pen_paints_wider_where_it_presses(studio: Studio) -> None:
    masks = painted_part(studio)
    studio.press_tool("Paint")
    canvas = studio.page.locator("canvas.is-paint")
    studio.drag_pen(canvas, (0.2, 0.2), (0.3, 0.2), (0.4, 0.2), (0.4, 0.2), force=0.2)
    studio.drag_pen(canvas, (0.2, 0.7), (0.3, 0.7), (0.4, 0.7), (0.4, 0.7), force=1.0)
    studio.prompt.fill("make it green")
    finished_request(studio, studio.press_primary())
    pixels = np.asarray(Image.open(io.BytesIO(masks[0])).convert("L")) > 128
    light, strong = pixels[:256, 154].sum(), pixels[256:, 154].sum()
    assert 0 < light < strong


def test_what_was_painted_is_undone_and_erased(studio: Studio) -> None:
    masks = painted_part(studio)
    studio.press_tool("Paint")
    canvas = studio.page.locator("canvas.is-paint")
    studio.drag(canvas, *LINE)
    studio.drag(canvas, (0.6, 0.8), (0.9, 0.8))
    studio.page.get_by_role("button", name="Undo").click()
    studio.drag(canvas, (0.6, 0.2), (0.9, 0.2))
    studio.page.get_by_role("radio", name="Erase").check()
    studio.drag(canvas, (0.5, 0.2), (0.98, 0.2))
    studio.prompt.fill("make it green")
    finished_request(studio, studio.press_primary())
    check_mask(masks[0])


def test_painting_nothing_is_said(studio: Studio) -> None:
    studio.press_tool("Paint")
    studio.prompt.fill("make it green")
    studio.prompt.press("Enter")
    expect(studio.fault).to_contain_text("Paint where the picture may change")


def test_a_box_is_drawn_or_moved_by_keys(studio: Studio) -> None:
    studio.press_tool("Paint")
    studio.page.get_by_role("radio", name="Box").check()
    layer = studio.page.locator(".overlay.is-box")
    studio.drag(layer, (0.25, 0.25), (0.5, 0.75))
    layer.press("ArrowRight")
    layer.press("Shift+ArrowDown")
    studio.prompt.fill("make it green")
    box = finished_request(studio, studio.press_primary())["region"]["box"]
    assert box == pytest.approx([0.27, 0.25, 0.52, 0.77], abs=0.01)


def test_a_place_is_named(studio: Studio) -> None:
    studio.press_tool("Paint")
    studio.page.get_by_role("radio", name="By name").check()
    studio.page.get_by_label("Name the place").fill("the background")
    studio.prompt.fill("make it green")
    # Whether the place is found depends on the picture, which the mock draws by chance.
    assert studio.job(studio.press_primary())["request"]["region_prompt"] == "the background"


def test_the_frame_is_pulled_outwards(studio: Studio) -> None:
    studio.press_tool("Widen")
    frame = studio.page.locator(".overlay.is-frame")
    expect(frame).to_contain_text("16:9")
    handle = studio.page.get_by_role("slider", name="Right edge")
    studio.drag(handle, (0.5, 0.5), (2.0, 0.5))
    expect(frame).to_contain_text("21:9")
    handle.press("ArrowLeft")
    expect(frame).to_contain_text("16:9")
    job_id = studio.press_primary()
    assert finished_request(studio, job_id)["aspect_ratio"] == "16:9"
    assert studio.job(job_id)["width"] > studio.job(job_id)["height"]


def test_the_frame_is_pulled_to_exact_pixels(studio: Studio) -> None:
    studio.press_tool("Widen")
    studio.page.get_by_role("combobox", name="Shape of the new frame").select_option("exact")
    width = studio.page.get_by_role("spinbutton", name="Width")
    expect(width).to_have_value("912")
    handle = studio.page.get_by_role("slider", name="Right edge")
    handle.press("ArrowRight")
    expect(width).to_have_value("928")
    studio.drag(handle, (0.5, 0.5), (2.0, 0.5))
    expect(width).not_to_have_value("928")
    width.fill("700")
    studio.page.locator(".composer .is-primary").click()
    expect(studio.fault).to_contain_text("multiples of 16")
    width.fill("704")
    width.blur()
    job_id = studio.press_primary()
    request = finished_request(studio, job_id)
    assert (request["width"], request["height"], request.get("aspect_ratio")) == (704, 512, None)
    assert (studio.job(job_id)["width"], studio.job(job_id)["height"]) == (704, 512)


def test_it_is_made_larger(studio: Studio) -> None:
    studio.press_tool("Enlarge")
    studio.page.get_by_role("combobox", name="Size of the new picture").select_option("1K")
    job_id = studio.press_primary()
    assert finished_request(studio, job_id)["task"] == "upscale"
    assert studio.job(job_id)["width"] == 1024


def test_ideas_are_requests_that_are_sent_as_they_are(studio: Studio) -> None:
    before = studio.job_id
    studio.press_tool("Ideas")
    idea = studio.page.locator(".ideas .chip").first
    text = idea.inner_text()
    idea.click()
    studio.page.wait_for_function("(id) => !location.hash.includes(id)", arg=before)
    job = studio.job(studio.job_id)
    assert job["task"] in ("edit", "outpaint", "upscale")
    assert job["request"]["images"][0]["uri"].endswith(f"{before}/0.png")
    assert text


def test_before_and_after_are_compared_by_a_slider(studio: Studio) -> None:
    studio.press_tool("Change")
    studio.prompt.fill("make it blue")
    finished_request(studio, studio.press_primary())
    studio.press_tool("Compare")
    slider = studio.page.get_by_role("slider", name="How much of the picture before is shown")
    expect(studio.page.locator(".compare .picture.is-shown")).to_have_count(2)
    slider.press("ArrowLeft")
    assert slider.input_value() == "49"
    studio.page.get_by_role("button", name="Leave the comparison").click()
    expect(studio.page.get_by_role("toolbar")).to_be_visible()


def test_a_picture_of_my_own_is_compared_with_what_became_of_it(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.give_files("change", ("mine.png", picture_bytes(512, 512)))
    studio.prompt.fill("make it blue")
    finished_request(studio, studio.press_primary())
    studio.page.reload()
    studio.press_tool("Compare")
    expect(studio.page.locator(".compare .picture.is-shown")).to_have_count(2)
    expect(studio.page.locator(".tree")).to_contain_text("Your picture")


def test_it_is_downloaded_as_it_was_made_and_in_other_formats(studio: Studio) -> None:
    job_id = studio.job_id
    studio.press_tool("Download")
    dialog = studio.page.get_by_role("dialog")
    expect(dialog).to_contain_text("With the invisible mark, signed.")
    with studio.page.expect_download() as saved:
        dialog.get_by_role("link", name="PNG").click()
    made = httpx.get(f"{studio.api}/v1/jobs/{job_id}/images/0").content
    assert saved.value.path().read_bytes() == made
    for kind in ("JPEG", "WebP"):
        with studio.page.expect_download() as saved:
            dialog.get_by_role("button", name=f"{kind}, copy without").click()
        with Image.open(saved.value.path()) as picture:
            assert (picture.format, picture.size) == (kind.upper(), (512, 512))
    studio.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_copy_in_another_format_is_marked_and_signed(studio: Studio) -> None:
    studio.press_tool("Download")
    with studio.page.expect_download() as saved:
        studio.page.get_by_role("button", name="AVIF, signed copy").click()
    copy = httpx.get(f"{studio.api}/v1/jobs?details=true&label=copy:avif&limit=1").json()["jobs"][0]["id"]
    (image,) = httpx.get(f"{studio.api}/v1/jobs/{copy}/manifest").json()["images"]
    assert (image["content_credentials"], image["watermark"]["proof"]) == ("signed", "robust")
    assert saved.value.path().read_bytes() == httpx.get(f"{studio.api}/v1/jobs/{copy}/images/0").content
    with Image.open(saved.value.path()) as picture:
        assert (picture.format, picture.size) == ("AVIF", (512, 512))


def test_it_is_seen_at_its_full_size(studio: Studio) -> None:
    studio.press_tool("Full size")
    expect(studio.page.locator(".pswp img.pswp__img").first).to_be_visible()
    studio.page.keyboard.press("Escape")
    expect(studio.page.locator(".pswp")).to_have_count(0)


def test_seed_and_prompt_are_used_again(studio: Studio) -> None:
    first = studio.job(studio.job_id)
    studio.page.get_by_role("link", name="Done: make a new picture").click()
    studio.prompt.fill("")
    studio.page.go_back()
    studio.page.get_by_role("toolbar").get_by_role("button", name="More").click()
    studio.page.get_by_role("menuitem", name="Reuse").click()
    expect(studio.prompt).to_have_value("a red boat")
    again = studio.press_primary()
    assert studio.job(again)["seed"] == first["seed"]


def choose_reuse(studio: Studio) -> None:
    studio.page.get_by_role("toolbar").get_by_role("button", name="More").click()
    studio.page.get_by_role("menuitem", name="Reuse").click()


def repeated_fields(request: dict[str, Any]) -> dict[str, Any]:
    return {
        name: request.get(name) for name in ("images", "prompt", "region", "mask", "guidance", "correction")
    }


def test_a_change_is_used_again_with_its_picture_and_its_place(studio: Studio) -> None:
    first = studio.job_id
    studio.press_tool("Paint")
    studio.drag(studio.page.locator("canvas.is-paint"), *LINE)
    studio.prompt.fill("make it green")
    studio.page.get_by_role("button", name="More", exact=True).last.click()
    studio.page.get_by_label("Guidance").fill("3")
    changed = studio.press_primary()
    before = finished_request(studio, changed)
    studio.page.reload()
    expect(studio.picture).to_be_visible()
    choose_reuse(studio)
    studio.page.wait_for_url(f"**/#/job/{first}/0")
    expect(studio.page.get_by_text("Changing this picture")).to_be_visible()
    expect(studio.page.get_by_text("The place of the earlier change is taken again")).to_be_visible()
    expect(studio.prompt).to_have_value("make it green")
    again = studio.press_primary()
    assert repeated_fields(finished_request(studio, again)) == repeated_fields(before)
    assert studio.job(again)["seed"] == studio.job(changed)["seed"]


def test_a_change_of_my_own_picture_is_used_again(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.give_files("change", ("mine.png", picture_bytes(320, 256)))
    studio.press_tool("Paint")
    studio.page.get_by_role("radio", name="Box").check()
    studio.page.locator(".overlay.is-box").press("ArrowRight")
    studio.prompt.fill("make it blue")
    before = finished_request(studio, studio.press_primary())
    studio.page.reload()
    expect(studio.picture).to_be_visible()
    choose_reuse(studio)
    expect(studio.page.locator(".overlay.is-box .box")).to_be_visible()
    assert repeated_fields(finished_request(studio, studio.press_primary())) == repeated_fields(before)
