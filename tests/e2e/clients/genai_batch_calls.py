"""Batches through the `google-genai` package as its users make them, in an environment without Plantain.

Prints one JSON object: what came of each call, by its name. The first argument is the server's address.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import json
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

from google import genai
from google.genai import errors, types
from outcomes import asked_until, print_outcomes

MODEL = "gemini-3.1-flash-image"
OVER = ("JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED")
SMALL: dict[str, Any] = {"image_config": {"image_size": "512px"}}
client: Any = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=sys.argv[1]))


def inlined(text, metadata=None, **config):
    asked: Any = {**SMALL, **config}
    return types.InlinedRequest(contents=text, metadata=metadata, config=asked)


def ended(batch):
    """The batch once it is over."""
    return asked_until(lambda: client.batches.get(name=batch.name), lambda found: found.state.name in OVER)


def sizes_in(response):
    parts = [part for each in response.candidates for part in each.content.parts if part.inline_data]
    return [list(struct.unpack(">II", part.inline_data.data[16:24])) for part in parts]


def inline():
    batch = client.batches.create(
        model=MODEL,
        src=[inlined("a red boat", {"key": "boat"}), inlined("a boat", candidate_count=2)],
        config={"display_name": "boats"},
    )
    over = ended(batch)
    first, second = over.dest.inlined_responses
    return {
        "begun": batch.state.name in ("JOB_STATE_PENDING", "JOB_STATE_RUNNING"),
        "over": [over.state.name, over.display_name, over.model, over.end_time is not None],
        "metadata": [first.metadata, second.metadata],
        "sizes": [sizes_in(first.response), sizes_in(second.response)],
    }


def errors_of_lines():
    src = [inlined("a boat", image_config={"image_size": "9K"}), inlined("a boat")]
    bad, good = ended(client.batches.create(model=MODEL, src=src)).dest.inlined_responses
    return [bad.error.code, bad.response is None, good.error is None]


def uploaded(lines):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "requests.jsonl")
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return client.files.upload(file=str(path), config={"mime_type": "jsonl"}).name


def file():
    lines = [
        {"key": "one", "request": {"contents": [{"parts": [{"text": "a red boat"}]}]}},
        {"key": "two", "request": {"contents": []}},
    ]
    over = ended(client.batches.create(model=MODEL, src=uploaded(lines)))
    found = [json.loads(text) for text in client.files.download(file=over.dest.file_name).splitlines()]
    data = found[0]["response"]["candidates"][0]["content"]["parts"][-1]["inlineData"]
    return [over.state.name, [line["key"] for line in found], data["mimeType"], found[1]["error"]["code"]]


def canceled():
    slow = {"contents": [{"parts": [{"text": "a boat"}]}], "labels": {"mock.seconds": "600"}}
    batch = client.batches.create(model=MODEL, src=uploaded([{"request": slow}] * 3))
    client.batches.cancel(name=batch.name)
    return ended(batch).state.name


def listed():
    made = [client.batches.create(model=MODEL, src=[inlined("a boat")]).name for _ in range(3)]
    found = [batch.name for batch in client.batches.list(config={"page_size": 2})]
    return [found[:3] == made[::-1], len(found) == len(set(found))]


def deleted():
    batch = ended(client.batches.create(model=MODEL, src=[inlined("a boat")]))
    client.batches.delete(name=batch.name)
    return error_of(lambda: client.batches.get(name=batch.name))


def error_of(call):
    try:
        call()
    except errors.ClientError as error:
        return [error.code, error.status]
    return "no error"


def unknown_model():
    return error_of(lambda: client.batches.create(model="no-such", src=[inlined("a boat")]))


CALLS = (inline, errors_of_lines, file, canceled, listed, deleted, unknown_model)
FAILURES = (errors.APIError, LookupError, TypeError, ValueError, AttributeError, OSError)

print_outcomes(CALLS, FAILURES)
