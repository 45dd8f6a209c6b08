"""Batches through the `openai` package as its users make them, in an environment without Plantain.

Prints one JSON object: what came of each call, by its name. The first argument is the server's address.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import json
import struct
import sys
import urllib.request

import openai
from outcomes import asked_until, print_outcomes

BASE = sys.argv[1]
GENERATIONS = "/v1/images/generations"
BOAT = {"prompt": "a red boat", "size": "512x512"}
SLOW = {**BOAT, "labels": {"mock.seconds": "600"}}
OVER = ("completed", "failed", "cancelled", "expired")
client = openai.OpenAI(base_url=f"{BASE}/v1", api_key="k")


def line(custom_id, body, url=GENERATIONS):
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body}


def create(*lines, endpoint=GENERATIONS, **more):
    data = "".join(json.dumps(each) + "\n" for each in lines).encode()
    file = client.files.create(file=("lines.jsonl", data), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", **more)


def ended(batch):
    """The batch once it is over."""
    return asked_until(lambda: client.batches.retrieve(batch.id), lambda found: found.status in OVER)


def lines_of(file_id):
    return [json.loads(text) for text in client.files.content(file_id).text.splitlines()]


def size_of(b64):
    return list(struct.unpack(">II", base64.b64decode(b64, validate=True)[16:24]))


def whole_way():
    batch = create(
        line("boat", BOAT),
        line("bad", {"prompt": "a boat", "size": "12x12"}),
        metadata={"team": "sea"},
    )
    begun = batch.status
    over = ended(batch)
    (good,), (bad,) = lines_of(over.output_file_id), lines_of(over.error_file_id)
    counts = over.request_counts
    return {
        "begun": begun,
        "over": over.status,
        "metadata": over.metadata,
        "counts": [counts.total, counts.completed, counts.failed],
        "good": [good["custom_id"], good["response"]["status_code"], good["error"]],
        "size": size_of(good["response"]["body"]["data"][0]["b64_json"]),
        "bad": [bad["custom_id"], bad["response"]["status_code"]],
        "why": bad["response"]["body"]["error"]["param"],
        "kept": client.files.retrieve(over.output_file_id).purpose,
    }


def url_lines():
    over = ended(create(line("boat", {**BOAT, "response_format": "url"})))
    (found,) = lines_of(over.output_file_id)
    with urllib.request.urlopen(found["response"]["body"]["data"][0]["url"]) as picture:
        return picture.headers["Content-Type"]


def streamed_to_a_file():
    over = ended(create(*(line(str(n), {**BOAT, "n": 2}) for n in range(3))))
    with client.files.with_streaming_response.content(over.output_file_id) as answer:
        lengthless = "content-length" not in answer.headers
        data = b"".join(answer.iter_bytes())
    found = [json.loads(text) for text in data.splitlines()]
    return [
        lengthless,
        sorted(entry["custom_id"] for entry in found),
        len(found[0]["response"]["body"]["data"]),
    ]


def edits():
    picture = base64.b64decode(client.images.generate(prompt="a boat", size="512x512").data[0].b64_json)
    file = client.files.create(file=("boat.png", picture), purpose="vision")
    body = {"prompt": "night", "images": [{"file_id": file.id}]}
    over = ended(create(line("e", body, "/v1/images/edits"), endpoint="/v1/images/edits"))
    (found,) = lines_of(over.output_file_id)
    return size_of(found["response"]["body"]["data"][0]["b64_json"])


def chat():
    body = {"model": "mock", "messages": [{"role": "user", "content": "a red boat"}]}
    over = ended(create(line("c", body, "/v1/chat/completions"), endpoint="/v1/chat/completions"))
    (found,) = lines_of(over.output_file_id)
    return found["response"]["body"]["choices"][0]["message"]["images"][0]["type"]


def responses():
    body = {"model": "mock", "input": "a red boat", "tools": [{"type": "image_generation"}]}
    over = ended(create(line("r", body, "/v1/responses"), endpoint="/v1/responses"))
    (found,) = lines_of(over.output_file_id)
    return found["response"]["body"]["output"][0]["type"]


def faulty_file():
    over = ended(create(line("a", BOAT), line("a", BOAT, "/v1/images/edits")))
    fault = over.errors.data[0]
    return [over.status, fault.code, fault.line, over.output_file_id]


def canceled():
    batch = create(*(line(str(n), SLOW) for n in range(4)))
    asked = client.batches.cancel(batch.id)
    over = ended(batch)
    return [asked.status, over.status, over.request_counts.completed, over.cancelled_at is not None]


def listed():
    made = [create(line("a", BOAT)).id for _ in range(3)]
    found = [batch.id for batch in client.batches.list(limit=2)]
    return [found[:3] == made[::-1], len(found) == len(set(found))]


def error_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.param]
    return "no error"


def errors():
    missing = {"endpoint": GENERATIONS, "completion_window": "24h"}
    return [
        error_of(lambda: client.batches.retrieve("batch_" + "a" * 26)),
        error_of(lambda: client.batches.create(input_file_id="file-x", **missing)),
        error_of(lambda: client.files.content("file-output-" + "a" * 26)),
    ]


CALLS = (
    *(whole_way, url_lines, streamed_to_a_file, edits, chat, responses, faulty_file, canceled, listed),
    errors,
)
FAILURES = (openai.OpenAIError, LookupError, TypeError, ValueError, AttributeError, OSError)

print_outcomes(CALLS, FAILURES)
