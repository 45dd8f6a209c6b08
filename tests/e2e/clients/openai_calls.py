"""Calls of the `openai` package as its users make them, in an environment without Plantain.

Prints one JSON object: what came of each call, by its name. The first argument is the server's address.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import json
import struct
import sys
import traceback
import urllib.request
import zlib

import openai

BASE = sys.argv[1]
SMALL = {"size": "512x512"}
client = openai.OpenAI(base_url=f"{BASE}/v1", api_key="k")


def png(width, height, pixel):
    """A PNG file of RGBA pixels, each as `pixel(x, y)` says."""
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


PICTURE = png(256, 256, lambda x, y: (x, y, 120, 255))
MASK = png(256, 256, lambda x, y: (0, 0, 0, 0 if 64 <= x < 192 and 64 <= y < 192 else 255))

FRAME = (64, 65, 66, 189, 190, 191)  # the sides of a square that was drawn
MARKUP = png(
    256,
    256,
    lambda x, y: (
        *(255, 0, 0),
        255 if 64 <= x < 192 and 64 <= y < 192 and (x in FRAME or y in FRAME) else 0,
    ),
)


def size_of(b64):
    """Width and height of a PNG in base64."""
    return list(struct.unpack(">II", base64.b64decode(b64, validate=True)[16:24]))


def error_of(call):
    """The class, status, code and param of the error that `call` raises."""
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.code, error.param, bool(error.request_id)]
    except openai.APIError as error:
        return [type(error).__name__, None, error.code, error.param, None]
    return "no error"


def generate():
    found = client.images.generate(prompt="a red boat", model="gpt-image-2", **SMALL)
    return {
        "size": size_of(found.data[0].b64_json),
        "said": found.size,
        "request_id": bool(found._request_id),
    }


def two_pictures_with_everything():
    found = client.images.generate(
        prompt="a red boat",
        n=2,
        quality="low",
        output_format="webp",
        background="opaque",
        moderation="low",
        user="u",
        response_format="b64_json",
        output_compression=90,
        extra_body={"seed": 7},
        **SMALL,
    )
    return [base64.b64decode(picture.b64_json)[8:12].decode() for picture in found.data]


def url():
    found = client.images.generate(prompt="a red boat", response_format="url", **SMALL)
    with urllib.request.urlopen(found.data[0].url) as picture:
        return picture.headers["Content-Type"]


def edit_with_mask():
    found = client.images.edit(
        image=("in.png", PICTURE, "image/png"), mask=("m.png", MASK, "image/png"), prompt="x"
    )
    return size_of(found.data[0].b64_json)


def edit_with_markup():
    found = client.images.edit(image=PICTURE, markup=("m.png", MARKUP, "image/png"), prompt="x")
    return size_of(found.data[0].b64_json)


def edit_of_bytes_and_a_reference():
    found = client.images.edit(image=[PICTURE, PICTURE], prompt="x", n=1)
    return size_of(found.data[0].b64_json)


def variation():
    return len(client.images.create_variation(image=PICTURE, n=2).data)


def stream():
    events = list(
        client.images.generate(
            prompt="a boat in parts",
            stream=True,
            partial_images=2,
            extra_body={"labels": {"mock.seconds": "6", "mock.steps": "4"}},
            **SMALL,
        )
    )
    return {
        "types": [event.type for event in events],
        "last": size_of(events[-1].b64_json),
        "jpeg": all(base64.b64decode(event.b64_json)[:2] == b"\xff\xd8" for event in events[:-1]),
        "usage": events[-1].usage.total_tokens > 0,
    }


def stream_of_an_edit():
    events = client.images.edit(image=PICTURE, prompt="x", stream=True, partial_images=1)
    return [event.type for event in events][-1]


def stream_with_a_block():
    blocked = {"labels": {"mock.fail": "blocked"}}

    def read():
        list(client.images.generate(prompt="blocked in a stream", stream=True, extra_body=blocked, **SMALL))

    return error_of(read)


def block():
    blocked = {"labels": {"mock.fail": "blocked"}}
    return error_of(lambda: client.images.generate(prompt="blocked", extra_body=blocked, **SMALL))


def bad_size():
    return error_of(lambda: client.images.generate(prompt="x", size="1000x7"))


def unknown_model():
    return error_of(lambda: client.images.generate(prompt="x", model="nothing-of-the-kind"))


def timeouts_with_repeats():
    hasty = client.with_options(timeout=2, max_retries=8)
    slow = {"labels": {"mock.seconds": "5", "case": "repeats"}}
    return size_of(hasty.images.generate(prompt="slow", extra_body=slow, **SMALL).data[0].b64_json)


def models():
    return [model.id for model in client.models.list()] + [client.models.retrieve("gpt-image-2").id]


def provenance():
    drawn = client.images.generate(prompt="mine", **SMALL).data[0].b64_json
    ours = client.content_provenance_checks.create(file=("a.png", base64.b64decode(drawn), "image/png"))
    foreign = client.content_provenance_checks.create(file=("b.png", PICTURE, "image/png"))
    return [[result.type, result.outcome] for check in (ours, foreign) for result in check.results]


def chat():
    found = client.chat.completions.create(
        model="gpt-image-2",
        messages=[{"role": "user", "content": "draw"}],
        modalities=["image", "text"],
        extra_body={"image_config": {"image_size": "512"}},
    )
    return size_of(found.choices[0].message.images[0]["image_url"]["url"].partition(",")[2])


def chat_stream():
    chunks = client.chat.completions.create(
        model="gpt-image-2",
        messages=[{"role": "user", "content": "draw"}],
        stream=True,
        extra_body={"image_config": {"image_size": "512"}},
    )
    return sum(
        len(getattr(choice.delta, "images", None) or []) for chunk in chunks for choice in chunk.choices
    )


def responses_over_two_turns():
    tools = [{"type": "image_generation", "size": "512x512"}]
    first = client.responses.create(model="gpt-5", input="draw a boat", tools=tools)
    second = client.responses.create(
        model="gpt-5",
        input="now at night",
        previous_response_id=first.id,
        tools=[{"type": "image_generation"}],
    )
    return [[size_of(found.output[0].result), found.output[0].action] for found in (first, second)]


def responses_stream():
    tools = [{"type": "image_generation", "size": "512x512", "partial_images": 1}]
    with client.responses.stream(model="gpt-5", input="draw a boat", tools=tools) as events:
        types = [event.type for event in events]
        final = events.get_final_response()
    return [types[0], types[-1], size_of(final.output[0].result)]


def azure():
    found = openai.AzureOpenAI(
        azure_endpoint=BASE, api_key="k", api_version="2025-04-01-preview"
    ).images.generate(model="gpt-image-2", prompt="x", **SMALL)
    return size_of(found.data[0].b64_json)


def without_v1():
    found = openai.OpenAI(base_url=BASE, api_key="k").images.generate(prompt="x", **SMALL)
    return size_of(found.data[0].b64_json)


CALLS = (
    *(generate, two_pictures_with_everything, url, edit_with_mask, edit_with_markup),
    *(edit_of_bytes_and_a_reference, variation),
    *(stream, stream_of_an_edit, stream_with_a_block, block, bad_size, unknown_model),
    *(timeouts_with_repeats, models, provenance, chat, chat_stream, responses_over_two_turns),
    *(responses_stream, azure, without_v1),
)
FAILURES = (openai.OpenAIError, LookupError, TypeError, ValueError, AttributeError, OSError)

outcomes = {}
for call in CALLS:
    try:
        outcomes[call.__name__] = call()
    except FAILURES:
        outcomes[call.__name__] = traceback.format_exc()
print(json.dumps(outcomes))
