"""OpenAI's edits and variations: forms and JSON as its clients send them."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from functions.contract.job import JobRecord
from functions.contract.object_names import parse_uri
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

PYTHON = {"User-Agent": "OpenAI/Python 3.57.0", "Authorization": "Bearer k"}
EDITS = "/v1/images/edits"
BOUNDARY = "fb05f5c1afce3a0cc40bc044c6542134"
Part = tuple[str, str | None, str | None, bytes]


def form_body(*parts: Part) -> bytes:
    """A form of parts (name, filename, content type, content), byte for byte as clients write it."""
    body = b""
    for name, filename, content_type, content in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        head += f'; filename="{filename}"' if filename else ""
        head += f"\r\nContent-Type: {content_type}" if content_type else ""
        body += head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def send_form(deployment: Deployment, *parts: Part, path: str = EDITS, **call: Any) -> Answer:
    headers = {**PYTHON, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return deployment.client.post(path, data=form_body(*parts), headers=headers, **call)


def text(name: str, value: str) -> Part:
    return name, None, None, value.encode()


def mask_with_a_hole(width: int = 320, height: int = 256) -> bytes:
    """A mask as OpenAI wants it: opaque, with a transparent box that may change."""
    mask = Image.new("RGBA", (width, height), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (32, 32, 96, 96))
    target = io.BytesIO()
    mask.save(target, "PNG")
    return target.getvalue()


def markup(width: int = 320, height: int = 256, *, open_at: int = 360) -> bytes:
    """A markup as OpenAI wants it: transparent, with a red circle drawn on it that may be left open."""
    marks = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(marks).arc((100, 60, 200, 160), 0, open_at, fill=(255, 0, 0, 255), width=3)
    target = io.BytesIO()
    marks.save(target, "PNG")
    return target.getvalue()


def opaque() -> bytes:
    """A markup that leaves nothing transparent, though it could."""
    target = io.BytesIO()
    Image.new("RGBA", (320, 256), (0, 0, 0, 255)).save(target, "PNG")
    return target.getvalue()


def stored(deployment: Deployment, uri: str | None) -> Image.Image:
    name = parse_uri(uri or "")
    return Image.open(io.BytesIO(deployment.services.open_bucket(name.bucket).get(name.name).data))


def only(records: list[JobRecord]) -> JobRecord:
    [record] = records
    return record


def test_a_form_with_a_mask_changes_what_is_transparent(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        answer = send_form(
            deployment,
            *(text("prompt", "make it blue"), text("background", "auto"), text("input_fidelity", "high")),
            *(text("model", "gpt-image-2"), text("n", "1"), text("output_format", "png")),
            *(text("quality", "high"), text("size", "auto")),
            ("image", "in.png", "image/png", picture()),
            ("mask", "mask.png", "image/png", mask_with_a_hole()),
        )
    assert answer.status_code == 200, answer.text
    record = only(painter.drawn)
    assert (record.request.task, record.request.prompt) == ("edit", "make it blue")
    assert (record.width, record.height) == (320, 256)
    assert record.request.mask is not None
    mask = stored(deployment, record.request.mask.uri)
    assert mask.mode == "L"
    assert mask.getbbox() == (32, 32, 96, 96)
    assert mask.getpixel((40, 40)) == 255
    assert answer.json["usage"]["input_tokens_details"]["image_tokens"] == 1024


@pytest.mark.parametrize("name", ["image[]", "image", "image[0]"])
def test_bytes_without_a_name_or_a_type_are_taken(deployment: Deployment, name: str) -> None:
    with painting(deployment) as painter:
        answer = send_form(
            deployment,
            text("prompt", "x"),
            (name, "upload", "application/octet-stream", picture()),
            (name, "b.jpg", "image/png", picture(format="JPEG")),
        )
    assert answer.status_code == 200, answer.text
    assert len(only(painter.drawn).request.images) == 2


def test_a_chunked_form_without_a_length_is_read(deployment: Deployment) -> None:
    body = form_body(("image", "in.png", "application/octet-stream", picture()), text("prompt", "x"))
    with painting(deployment):
        answer = deployment.client.post(
            EDITS,
            input_stream=io.BytesIO(body),
            headers={**PYTHON, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
    assert answer.status_code == 200, answer.text


def test_labels_may_come_in_brackets(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        answer = send_form(
            deployment,
            *(text("prompt", "x"), text("labels[team]", "sea"), text("seed", "7")),
            ("image", "a.png", "image/png", picture()),
        )
    assert answer.status_code == 200, answer.text
    assert only(painter.drawn).request.labels == {"team": "sea"}


def test_json_names_pictures_as_data_urls(deployment: Deployment) -> None:
    url = "data:image/jpeg;base64," + base64_of(picture())
    body = {
        "prompt": "x",
        "images": [{"image_url": url}, {"image_url": url}],
        "mask": {"image_url": "data:image/png;base64," + base64_of(mask_with_a_hole())},
    }
    with painting(deployment) as painter:
        answer = deployment.client.post(EDITS, json=body, headers=PYTHON)
    assert answer.status_code == 200, answer.text
    record = only(painter.drawn)
    assert len(record.request.images) == 2
    assert record.request.mask is not None
    assert stored(deployment, record.request.mask.uri).getbbox() == (32, 32, 96, 96)


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/a.png",
        "https://127.0.0.1/a.png",
        "https://localhost/a.png",
        "https://169.254.169.254/computeMetadata/v1/",
        "https://[::ffff:10.0.0.1]/a.png",
        "https://user:password@example.com/a.png",
    ],
)
def test_pictures_are_fetched_from_public_hosts_only(deployment: Deployment, url: str) -> None:
    body = {"prompt": "x", "images": [{"image_url": url}]}
    answer = deployment.client.post(EDITS, json=body, headers=PYTHON)
    assert answer.status_code == 400, answer.text
    assert answer.json["error"]["param"] == "image"
    assert "data: URL" in answer.json["error"]["message"]


def test_an_unknown_host_is_the_caller_s_fault(deployment: Deployment) -> None:
    def resolve(host: str, port: int) -> list[str]:
        del host, port
        return []

    unreachable = deployment.replace(resolve=resolve)
    body = {"prompt": "x", "images": [{"image_url": "https://no-such-host.invalid/a.png"}]}
    answer = unreachable.client.post(EDITS, json=body, headers=PYTHON)
    error = answer.json["error"]
    assert (answer.status_code, error["param"]) == (400, "image")
    assert error["message"] == "There is no host no-such-host.invalid."


def test_a_name_that_leads_inside_is_not_fetched(deployment: Deployment) -> None:
    def resolve(host: str, port: int) -> list[str]:
        del host, port
        return ["93.184.216.34", "10.0.0.1"]

    inside = deployment.replace(resolve=resolve)
    body = {"prompt": "x", "images": [{"image_url": "https://example.com/a.png"}]}
    answer = inside.client.post(EDITS, json=body, headers=PYTHON)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "image")


IMAGE: Part = ("image", "a.png", "image/png", picture())
PROMPT = text("prompt", "x")


@pytest.mark.parametrize(
    ("parts", "param"),
    [
        ((PROMPT,), "image"),
        ((IMAGE,), "prompt"),
        ((PROMPT, ("image", "a.png", "image/png", b"no picture")), "image"),
        ((PROMPT, ("image", "a.png", "image/png", b"")), "image"),
        ((PROMPT, IMAGE, ("mask", "m.png", "image/png", picture())), "mask"),
        ((PROMPT, IMAGE, ("mask", "m.png", "image/png", picture(mode="RGBA"))), None),
        ((PROMPT, IMAGE, ("mask", "m.png", "image/png", mask_with_a_hole(640, 512))), "mask"),
        ((PROMPT, IMAGE, ("markup", "m.png", "image/png", picture())), "markup"),
        ((PROMPT, IMAGE, ("markup", "m.png", "image/png", b"no picture")), "markup"),
        ((PROMPT, IMAGE, ("markup", "m.png", "image/png", picture(mode="RGBA"))), "markup"),
        ((PROMPT, IMAGE, ("markup", "m.png", "image/png", markup(640, 512))), "markup"),
        ((PROMPT, IMAGE, ("markup", "m.png", "image/png", opaque())), "markup"),
        (
            (
                *(PROMPT, IMAGE, ("markup", "m.png", "image/png", markup())),
                ("mask", "m.png", "image/png", mask_with_a_hole()),
            ),
            "markup",
        ),
        (
            (PROMPT, ("image", "a.png", "image/png", b"x"), ("markup", "m.png", "image/png", markup())),
            "image",
        ),
        ((PROMPT, IMAGE, ("picture", "m.png", "image/png", picture())), "picture"),
        ((PROMPT, IMAGE, text("colour", "red")), "colour"),
        ((PROMPT, IMAGE, text("n", "many")), "n"),
    ],
)
def test_a_bad_part_is_named(deployment: Deployment, parts: tuple[Part, ...], param: str | None) -> None:
    if param is None:  # a transparent mask lets everything change
        with painting(deployment):
            assert send_form(deployment, *parts).status_code == 200
        return
    answer = send_form(deployment, *parts)
    assert answer.status_code == 400, answer.text
    assert answer.json["error"]["param"] == param
    assert deployment.published(deployment.settings.jobs_topic) == []


@pytest.mark.parametrize("open_at", [360, 357])
def test_what_a_markup_encloses_may_change_and_nothing_else(deployment: Deployment, open_at: int) -> None:
    with painting(deployment) as painter:
        sent = ("markup", "m.png", "image/png", markup(open_at=open_at))
        assert send_form(deployment, PROMPT, IMAGE, sent).status_code == 200
    request = only(painter.drawn).request
    assert request.mask is not None
    mask = stored(deployment, request.mask.uri)
    assert (mask.size, mask.mode) == ((320, 256), "L")
    assert [mask.getpixel(at) for at in ((150, 110), (150, 60))] == [255, 255]
    assert [mask.getpixel(at) for at in ((0, 0), (319, 255), (80, 110), (150, 170))] == [0] * 4


def test_a_line_that_encloses_nothing_is_an_area_of_its_own(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        sent = ("markup", "m.png", "image/png", markup(open_at=180))
        assert send_form(deployment, PROMPT, IMAGE, sent).status_code == 200
    request = only(painter.drawn).request
    assert request.mask is not None
    mask = stored(deployment, request.mask.uri)
    assert [mask.getpixel(at) for at in ((150, 160), (150, 110))] == [255, 0]


def test_a_large_markup_in_json_lies_as_the_image_is_seen(deployment: Deployment) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    turned = io.BytesIO()
    Image.new("RGB", (1024, 2048)).save(turned, "JPEG", exif=exif)
    marks = Image.new("RGBA", (2048, 1024), (0, 0, 0, 0))
    ImageDraw.Draw(marks).rectangle((400, 200, 1000, 800), outline=(0, 90, 255, 200), width=2)
    drawn = io.BytesIO()
    marks.save(drawn, "PNG")
    body = {
        "prompt": "x",
        "image": {"image_url": f"data:image/jpeg;base64,{base64_of(turned.getvalue())}"},
        "markup": {"image_url": f"data:image/png;base64,{base64_of(drawn.getvalue())}"},
    }
    with painting(deployment) as painter:
        answer = deployment.client.post(EDITS, json=body, headers=PYTHON)
        assert answer.status_code == 200, answer.text
    request = only(painter.drawn).request
    assert request.mask is not None
    mask = stored(deployment, request.mask.uri)
    assert [mask.getpixel(at) for at in ((700, 500), (400, 200), (300, 500), (1100, 500))] == [255, 255, 0, 0]


def test_an_opaque_mask_lets_nothing_change(deployment: Deployment) -> None:
    target = io.BytesIO()
    Image.new("RGBA", (320, 256), (0, 0, 0, 255)).save(target, "PNG")
    answer = send_form(deployment, PROMPT, IMAGE, ("mask", "m.png", "image/png", target.getvalue()))
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "invalid_value")
    assert "transparent" in answer.json["error"]["message"]


def test_a_form_that_ends_too_early_is_refused(deployment: Deployment) -> None:
    headers = {**PYTHON, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    body = form_body(PROMPT, IMAGE)[:-200]
    answer = deployment.client.post(EDITS, data=body, headers=headers)
    assert (answer.status_code, answer.json["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "x", "images": [{"file_id": "file_1"}]},
        {"prompt": "x", "images": [7]},
        {"prompt": "x", "images": [{}]},
        {"prompt": "x", "images": [{"image_url": "ab+_"}]},
        {"prompt": "x"},
    ],
)
def test_a_picture_that_json_does_not_give_is_named(deployment: Deployment, body: dict[str, Any]) -> None:
    answer = deployment.client.post(EDITS, json=body, headers=PYTHON)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "image")


def test_both_alphabets_of_base64_are_read(deployment: Deployment) -> None:
    data = picture(format="WEBP")
    body = {"prompt": "x", "image": base64.urlsafe_b64encode(data).decode().rstrip("=")}
    with painting(deployment):
        answer = deployment.client.post(EDITS, json=body, headers=PYTHON)
    assert answer.status_code == 200, answer.text


def test_variations_need_no_prompt(deployment: Deployment) -> None:
    with painting(deployment) as painter:
        answer = send_form(
            deployment,
            *(text("n", "2"), text("response_format", "url"), text("size", "512x512")),
            IMAGE,
            path="/v1/images/variations",
        )
    assert answer.status_code == 200, answer.text
    assert [set(found) for found in answer.json["data"]] == [{"url"}, {"url"}]
    assert only(painter.drawn).request.task == "edit"


def test_a_variation_has_one_image(deployment: Deployment) -> None:
    answer = send_form(deployment, IMAGE, IMAGE, path="/v1/images/variations")
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "image")


def test_a_form_has_sixteen_pictures_and_not_one_more(deployment: Deployment) -> None:
    fields = (text("prompt", "put them on one table"), text("n", "10"), text("size", "512x512"))
    pictures = [("image[]", f"{n}.png", "image/png", picture(64 + n, 64)) for n in range(17)]
    with painting(deployment) as painter:
        answer = send_form(deployment, *fields, *pictures[:16])
        assert answer.status_code == 200, answer.text
        refused = send_form(deployment, *fields, *pictures)
    record = only(painter.drawn)
    sizes = [stored(deployment, image.uri).size for image in record.request.images]
    assert sizes == [(64 + n, 64) for n in range(16)]
    assert len(answer.json["data"]) == record.request.count == 10
    assert (refused.status_code, refused.json["error"]["param"]) == (400, "image")
