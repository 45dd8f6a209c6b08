"""Bad input: a typed problem, never a 5xx, and nothing is left behind."""

from __future__ import annotations

import io
import json
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from PIL import Image

from functions.api import request_body as api_body
from functions.contract.errors import PlantainError
from functions.intake import input_pictures
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

GENERATE = {"task": "generate", "prompt": "a red boat"}
JSON = "application/json"


def refused(deployment: Deployment, answer: Answer, code: str, status: int, field: str | None = None) -> None:
    """The answer is this problem, in full, and nothing was written."""
    assert (answer.status_code, answer.json and answer.json.get("code")) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    problem = answer.json
    assert problem["type"] == f"urn:plantain:error:{code}"
    assert problem["status"] == status
    assert problem["title"] and problem["detail"]
    assert problem["retryable"] is False
    if field is not None:
        assert problem["field"] == field
    assert "Traceback" not in answer.text
    assert deployment.objects() == set()
    assert deployment.published(deployment.settings.jobs_topic) == []


def edit(deployment: Deployment, *images: bytes, **fields: Any) -> Answer:
    given = [{"data": base64_of(data)} for data in images]
    return deployment.post({"task": "edit", "prompt": "make it snow", "images": given, **fields})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"generate"',
        b"null",
        b"12",
        b"\xff\xfe{}",
        "{}".encode("utf-16"),
        b'{"task": "generate", "prompt": "\xc3\x28"}',
        b'{"task": "generate", "prompt": "a", "prompt": "b"}',
        b'{"task": "generate", "prompt": "a", "guidance": NaN}',
        b'{"task": "generate", "prompt": "a", "guidance": Infinity}',
        b'{"task": "generate", "prompt": "a", "guidance": -Infinity}',
        b'{"task": "generate", "prompt": "a", "guidance": 1e999}',
        b'{"task": "generate", "prompt": "a", "seed": 1' + b"0" * 5_000 + b"}",
        b'{"task": "generate", "prompt": "\\ud800"}',
        b'{"task": "generate", "prompt": "a", "labels": {"team": "\\udfff"}}',
        b'{"task": "generate", "prompt": "a", "\\ud800": 1}',
        b'{"task": "generate", "prompt": "a", "\\ud800": 1, "\\ud800": 2}',
        b'{"task": "generate", "prompt": "a", "labels": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"task": "generate", "prompt": "a", "images": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b"{" + b",".join(b'"f%d": 1' % n for n in range(10_000)) + b"}",
    ],
    ids=lambda body: repr(body[:48]),
)
def test_json_that_says_nothing_certain(deployment: Deployment, body: bytes) -> None:
    answer = deployment.client.post("/v1/jobs", data=body, content_type=JSON)
    refused(deployment, answer, "invalid_request", 400)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"colour": "red"}, "invalid_request", "colour"),
        ({"correction": {"tries": 2}}, "invalid_request", "correction.tries"),
        ({"prompt": ""}, "invalid_request", "prompt"),
        ({"prompt": " \n\u200b"}, "invalid_request", "prompt"),
        ({"prompt": "x" * 100_000}, "invalid_request", "prompt"),
        ({"prompt": "a\x00b"}, "invalid_request", "prompt"),
        ({"prompt": None}, "invalid_request", None),
        ({"prompt": 7}, "invalid_request", "prompt"),
        ({"task": "sculpt"}, "unsupported_task", "task"),
        ({"size": "8K"}, "unsupported_size", "size"),
        ({"size": "1000000x1"}, "unsupported_size", "size"),
        ({"size": 1024}, "unsupported_size", "size"),
        ({"aspect_ratio": "0:0"}, "unsupported_size", "aspect_ratio"),
        ({"format": "tiff"}, "unsupported_format", "format"),
        ({"count": 0}, "invalid_request", "count"),
        ({"count": 11}, "invalid_request", "count"),
        ({"count": 1e30}, "invalid_request", "count"),
        ({"seed": -1}, "invalid_request", "seed"),
        ({"seed": 2**32}, "invalid_request", "seed"),
        ({"seed": 10**400}, "invalid_request", "seed"),
        ({"steps": 0}, "invalid_request", "steps"),
        ({"bit_depth": 16, "format": "jpeg"}, "invalid_request", None),
        ({"model": "nobody"}, "unknown_model", "model"),
        ({"model": "../etc"}, "invalid_request", "model"),
        ({"labels": {"UPPER": "x"}}, "invalid_request", None),
        ({"labels": {f"l{n}": "x" for n in range(17)}}, "invalid_request", "labels"),
        ({"deadline_seconds": 0}, "invalid_request", "deadline_seconds"),
        ({"images": [{}]}, "invalid_request", "images[0]"),
        ({"images": [{"data": "aGk=", "upload": "up_" + "a" * 26}]}, "invalid_request", "images[0]"),
        ({"mask": {"data": "aGk="}}, "invalid_request", None),
        ({"webhook": {"url": "ftp://example.com"}}, "invalid_webhook", "webhook.url"),
        ({"webhook": {"url": "HTTP://10.0.0.1/"}}, "invalid_webhook", "webhook.url"),
        ({"webhook": {"url": "https://example.com", "events": []}}, "invalid_webhook", "webhook.events"),
        ({"count": True}, "invalid_request", "count"),
        ({"seed": "7"}, "invalid_request", "seed"),
        ({"bit_depth": 8.0}, "unsupported_format", "bit_depth"),
        ({"dry_run": 1}, "invalid_request", "dry_run"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_fields_that_cannot_be_meant(
    deployment: Deployment, fields: dict[str, Any], code: str, field: str | None
) -> None:
    refused(deployment, deployment.post({**GENERATE, **fields}), code, 400, field)


def test_a_blocked_prompt_is_told_without_the_term(deployment: Deployment) -> None:
    answer = deployment.post({**GENERATE, "prompt": "a Beheading at dawn"})
    refused(deployment, answer, "prompt_blocked", 422, "prompt")
    assert "beheading" not in answer.text.lower()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "image/png", ""])
def test_what_is_not_json_is_not_read(deployment: Deployment, content_type: str) -> None:
    answer = deployment.client.post("/v1/jobs", data=json.dumps(GENERATE), content_type=content_type)
    refused(deployment, answer, "unsupported_media_type", 415)


def test_a_compressed_body_is_not_unpacked(deployment: Deployment) -> None:
    body = zlib.compress(json.dumps(GENERATE).encode())
    headers = {"Content-Encoding": "deflate"}
    answer = deployment.client.post("/v1/jobs", data=body, content_type=JSON, headers=headers)
    refused(deployment, answer, "unsupported_media_type", 415)


def test_a_body_that_is_too_large(deployment: Deployment) -> None:
    body = b'{"prompt": "' + b"x" * api_body.MAX_BODY + b'"}'
    answer = deployment.client.post("/v1/jobs", data=body, content_type=JSON)
    refused(deployment, answer, "request_too_large", 413)


def test_bodies_that_arrive_slowly_do_not_keep_others_out(deployment: Deployment) -> None:
    """A client that sends a byte now and then holds no more than its thread and its bytes."""
    many, gate, arriving = 40, threading.Event(), threading.Semaphore(0)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            arriving.release()
            gate.wait()
            return super().read(size)

    body = json.dumps({**GENERATE, "dry_run": True}).encode()

    def send_slowly() -> int:
        stream, kind = Slow(body), "application/json"
        call = {"input_stream": stream, "content_length": len(body), "content_type": kind}
        return deployment.client.post("/v1/jobs", **call).status_code

    with ThreadPoolExecutor(many) as hands:
        slow = [hands.submit(send_slowly) for _ in range(many)]
        for _ in range(16):  # as many as are looked at at once
            arriving.acquire()
        answer = deployment.post({**GENERATE, "dry_run": True})
        gate.set()
    assert answer.status_code == 200, answer.text
    assert [each.result() for each in slow] == [200] * many


def test_a_body_that_grows_too_large_without_saying_so(deployment: Deployment) -> None:
    body = io.BytesIO(b'{"prompt": "' + b"x" * api_body.MAX_BODY + b'"}')
    answer = deployment.client.post(
        "/v1/jobs",
        input_stream=body,
        content_type=JSON,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    refused(deployment, answer, "request_too_large", 413)


# Pictures. ----------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 60,000² pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def heic(width: int, height: int) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (width, height))).save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        (b"", "image_unreadable", 400),
        (b"hello", "image_unreadable", 400),
        (b"%PDF-1.7 and more", "image_unreadable", 400),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_unreadable", 400),
        (picture(512, 512)[:-30], "image_unreadable", 400),
        (picture(512, 512, format="JPEG")[:400], "image_unreadable", 400),
        (bomb(), "image_too_large", 413),
        (picture(1, 20_000), "unsupported_size", 400),
        (picture(20_000, 1), "unsupported_size", 400),
        (picture(8, 8), "unsupported_size", 400),
        (picture(2_000, 60), "unsupported_size", 400),
    ],
    ids=[
        "empty",
        "text",
        "pdf",
        "svg",
        "torn-png",
        "torn-jpeg",
        "bomb",
        "strip",
        "bar",
        "dot",
        "long",
    ],
)
def test_pictures_that_are_none(deployment: Deployment, data: bytes, code: str, status: int) -> None:
    refused(deployment, edit(deployment, data), code, status)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (picture(100, 100), (176, 176)),
        (picture(900, 100), (1584, 176)),
        (picture(5_200, 3_500, format="JPEG"), (5066, 3410)),
        (heic(256, 192), (256, 192)),
    ],
    ids=["small", "long", "large", "heic"],
)
def test_pictures_that_phones_and_cameras_make(
    deployment: Deployment, data: bytes, size: tuple[int, int]
) -> None:
    answer = edit(deployment, data)
    assert answer.status_code == 202, answer.text
    assert (answer.json["width"], answer.json["height"]) == size


def scans(count: int) -> bytes:
    """A progressive JPEG of 64 million pixels, in so many passes."""
    data = io.BytesIO()
    Image.new("L", (8_000, 8_000), 90).save(data, "JPEG", progressive=True, quality=20)
    whole = data.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (count - whole.count(b"\xff\xda")) + whole[-2:]


def test_a_picture_that_is_decoded_for_ever_is_refused(deployment: Deployment) -> None:
    refused(deployment, edit(deployment, scans(250)), "image_too_large", 413, "images[0]")


def test_pictures_that_together_are_too_much_work_are_refused(deployment: Deployment) -> None:
    honest = scans(14)
    refused(deployment, edit(deployment, *[honest] * 4), "image_too_large", 413, "images[2]")


def test_a_caller_is_asked_to_come_again_when_the_memory_is_taken(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_pictures, "_WAIT_SECONDS", 0.05)
    pixels = deployment.services.memory.pixels
    with pixels.hold(pixels.total, seconds=0):
        answer = edit(deployment, picture())
    assert (answer.status_code, answer.json["code"]) == (503, "memory_busy")
    assert answer.json["retryable"] is True
    assert answer.headers["Retry-After"]
    assert edit(deployment, picture()).status_code == 202


@pytest.mark.parametrize("text", ["???", "aGk", "aGk=\n", "data:image/png;base64,aGk=", "aGk=aGk=", "käse"])
def test_base64_is_strict(deployment: Deployment, text: str) -> None:
    answer = deployment.post({"task": "edit", "prompt": "snow", "images": [{"data": text}]})
    refused(deployment, answer, "image_unreadable", 400, "images[0].data")


@pytest.mark.parametrize("length", [20 * 2**20 + 1, 22 * 2**20])
def test_an_inline_image_of_more_than_20_mb(deployment: Deployment, length: int) -> None:
    refused(deployment, edit(deployment, b"\x00" * length), "image_too_large", 413, "images[0].data")


def test_the_second_image_is_the_one_to_blame(deployment: Deployment) -> None:
    refused(deployment, edit(deployment, picture(512, 512), b"no"), "image_unreadable", 400, "images[1]")


def test_a_mask_of_another_size(deployment: Deployment) -> None:
    mask = {"data": base64_of(picture(512, 500, mode="L"))}
    refused(deployment, edit(deployment, picture(512, 512), mask=mask), "mask_mismatch", 400, "mask")


def test_an_upscale_to_less(deployment: Deployment) -> None:
    image = {"data": base64_of(picture(1024, 1024))}
    answer = deployment.post({"task": "upscale", "size": "512", "images": [image]})
    refused(deployment, answer, "unsupported_size", 400, "size")


def test_an_object_of_more_than_50_mb_is_not_even_fetched(deployment: Deployment) -> None:
    bucket = deployment.settings.uploads_bucket
    deployment.upload("large.png", b"\x00" * (50 * 2**20 + 1))
    answer = deployment.post(
        {"task": "edit", "prompt": "snow", "images": [{"uri": f"gs://{bucket}/large.png"}]}
    )
    assert (answer.status_code, answer.json["code"]) == (413, "image_too_large")
    assert deployment.objects() == {f"{bucket}/large.png"}


def turned() -> bytes:
    """600×400 as it lies in the file, 400×600 as its author sees it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    Image.new("RGB", (600, 400)).save(target, "JPEG", exif=exif)
    return target.getvalue()


def animated() -> bytes:
    target = io.BytesIO()
    frames = [Image.new("P", (512, 512), n) for n in range(3)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (picture(512, 300, mode="L"), (512, 300)),
        (picture(512, 300, mode="P"), (512, 300)),
        (picture(512, 300, mode="RGBA"), (512, 300)),
        (picture(512, 300, mode="I;16"), (512, 300)),
        (picture(512, 300, mode="CMYK", format="JPEG"), (512, 300)),
        (turned(), (400, 600)),
        (animated(), (512, 512)),
    ],
    ids=["grey", "palette", "transparent", "16-bit", "cmyk", "turned", "animated"],
)
def test_unusual_pictures_are_taken_as_their_author_sees_them(
    deployment: Deployment, data: bytes, size: tuple[int, int]
) -> None:
    answer = edit(deployment, data)
    assert answer.status_code == 202, answer.text
    assert (answer.json["width"], answer.json["height"]) == size


# Names. -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("gs://somebody-else/boat.png", "foreign_bucket"),
        ("gs://UPLOADS/../secret.png", "invalid_request"),
        ("gs://UPLOADS/./secret.png", "invalid_request"),
        ("gs://UPLOADS/..", "invalid_request"),
        ("gs://UPLOADS/nothing.png", "image_unreadable"),
        ("gs://UPLOADS/api/somebody/up_" + "a" * 26, "foreign_bucket"),
        ("gs://JOBS/jobs/job_" + "a" * 26 + ".json", "foreign_bucket"),
        ("gs://RESULTS/job_" + "a" * 26 + "/0.png", "foreign_bucket"),
        ("gs://RESULTS/anything.png", "foreign_bucket"),
        ("gs://UPLOADS/" + "ü" * 1_000, "invalid_request"),
        ("gs://UPLOADS/a\x00b", None),
        ("http://UPLOADS/boat.png", "invalid_request"),
        ("file:///etc/passwd", "invalid_request"),
        ("/etc/passwd", "invalid_request"),
    ],
)
def test_names_that_lead_elsewhere(deployment: Deployment, uri: str, code: str | None) -> None:
    where = deployment.settings
    uri = uri.replace("UPLOADS", where.uploads_bucket).replace("RESULTS", where.results_bucket)
    image = {"uri": uri.replace("JOBS", where.jobs_bucket)}
    answer = deployment.post({"task": "edit", "prompt": "snow", "images": [image]})
    refused(deployment, answer, code or answer.json["code"], 400)
    assert answer.json["field"] in ("images[0]", "images[0].uri")


def test_an_upload_that_never_came(deployment: Deployment) -> None:
    image = {"upload": "up_" + "a" * 26}
    answer = deployment.post({"task": "edit", "prompt": "snow", "images": [image]})
    refused(deployment, answer, "image_unreadable", 400, "images[0]")


@pytest.mark.parametrize(
    "query",
    [
        "state=done",
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=٣",
        "label=nocolon",
        "label=a:1&label=a:2",
        "limit=007",
        "limit=%2B7",
        "limit=7.0",
        "limit=true",
        "cursor=%00",
        "cursor=bm90aGluZw",
        "colour=red",
        "state=queued&state=failed",
    ],
)
def test_listings_of_nothing_certain(deployment: Deployment, query: str) -> None:
    refused(deployment, deployment.client.get(f"/v1/jobs?{query}"), "invalid_request", 400)


@pytest.mark.parametrize(
    "body", [{}, {"content_type": "text/html"}, {"content_type": "image/png", "name": "../x"}]
)
def test_uploads_of_nothing_certain(deployment: Deployment, body: dict[str, str]) -> None:
    refused(deployment, deployment.post(body, "/v1/uploads"), "invalid_request", 400)


# Regions in which nothing is seen. ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "code"),
    [("region", "mask_empty"), ("lettering_region", "invalid_request")],
    ids=["edit", "words"],
)
def test_a_region_too_small_to_be_seen(deployment: Deployment, where: str, code: str) -> None:
    image = {"data": base64_of(picture(512, 512))}
    body = {"task": "edit", "prompt": "make it blue", "images": [image]}
    answer = deployment.post({**body, where: {"box": [0.5, 0.2, 0.5 + 1e-9, 0.8]}})
    refused(deployment, answer, code, 400, where)


# Webhooks. ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "https://192.168.1.1/x",
        "http://169.254.169.254/computeMetadata/v1/",
        "https://[fd00::1]/",
    ],
)
def test_a_webhook_to_a_private_address(deployment: Deployment, url: str) -> None:
    refused(deployment, deployment.post({**GENERATE, "webhook": {"url": url}}), "invalid_webhook", 400)


def test_a_webhook_that_could_not_be_signed(deployment: Deployment) -> None:
    unable = deployment.replace(webhook_secret=None)
    answer = unable.post({**GENERATE, "webhook": {"url": "https://example.com/hook"}})
    refused(deployment, answer, "invalid_webhook", 400)


# Anything at all. ---------------------------------------------------------------------------------

FIELDS = (
    *(
        "task",
        "prompt",
        "negative_prompt",
        "images",
        "mask",
        "region",
        "count",
        "size",
        "aspect_ratio",
        "seed",
    ),
    *("steps", "guidance", "strength", "format", "bit_depth", "correction", "model", "webhook", "labels"),
    *("priority", "deadline_seconds", "dry_run", "uri", "upload", "data", "url", "events", "box", "polygon"),
)
scalars = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=40)
values = some.recursive(
    scalars,
    lambda inner: (
        some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=12,
)
anything = some.dictionaries(some.sampled_from(FIELDS), values, max_size=8)
at_will = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def is_typed(answer: Answer) -> bool:
    return answer.status_code < 500 and (
        answer.status_code < 400 or answer.json["code"] in PlantainError.tree()
    )


@at_will
@given(fields=anything)
def test_no_json_makes_it_fail(deployment: Deployment, fields: dict[str, Any]) -> None:
    body = json.dumps({**fields, "dry_run": True})
    assert is_typed(deployment.client.post("/v1/jobs", data=body, content_type=JSON))


@at_will
@given(body=some.binary(max_size=200))
def test_no_bytes_make_it_fail(deployment: Deployment, body: bytes) -> None:
    answer = deployment.client.post("/v1/jobs", data=body, content_type=JSON)
    assert answer.status_code == 400
    assert is_typed(answer)


# A line break in a path is refused by functions-framework itself, in HTML.
line = some.text(some.characters(exclude_characters="\n", codec="utf-8"), max_size=60)


@at_will
@given(path=line, query=line)
def test_no_address_makes_it_fail(deployment: Deployment, path: str, query: str) -> None:
    for address in (f"/v1/jobs/{quote(path)}", f"/v1/jobs?cursor={quote(query)}"):
        assert is_typed(deployment.client.get(address))
    elsewhere = deployment.client.get(f"/{quote(path)}")
    is_googles = elsewhere.status_code == 404 and "error" in elsewhere.json  # such as "/:a"
    assert elsewhere.json["error"]["status"] == "NOT_FOUND" if is_googles else is_typed(elsewhere)


@pytest.mark.parametrize("name", ["job:cancel", ":a", "job_a/manifest:b"])
def test_a_colon_in_a_jobs_name_is_answered_in_our_own_shape(deployment: Deployment, name: str) -> None:
    answer = deployment.client.get(f"/v1/jobs/{quote(name)}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
