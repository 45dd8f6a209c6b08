"""Vertex AI's batches through the `google-genai` package as its users make them, without Plantain around it.

Prints one JSON object: what came of each call, by its name. The arguments are the server's address, that of
Cloud Storage, and the names of the buckets of uploads and results.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import json
import struct
import sys
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials
from outcomes import asked_until, print_outcomes

BASE, STORAGE, UPLOADS, RESULTS = sys.argv[1:5]
MODEL = "gemini-3.1-flash-image"
OVER = ("JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED")
DEST = f"gs://{RESULTS}/batches"
client: Any = genai.Client(
    vertexai=True,
    project="p",
    location="us-central1",
    credentials=Credentials("token"),
    http_options=types.HttpOptions(base_url=BASE),
)


def stored(lines, name):
    """The name of a file of these lines, which is put into the uploads bucket as any tool does it."""
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    address = f"{STORAGE}/upload/storage/v1/b/{UPLOADS}/o?uploadType=media&name={quote(name, safe='')}"
    with urlopen(Request(address, data, {"Content-Type": "application/jsonl"})):
        return f"gs://{UPLOADS}/{name}"


def lines_of(job):
    """The lines of all files in the folder that the job names."""
    bucket, _, folder = job.output_info.gcs_output_directory.removeprefix("gs://").partition("/")
    with urlopen(f"{STORAGE}/storage/v1/b/{bucket}/o?prefix={quote(folder, safe='')}/") as answer:
        names = [found["name"] for found in json.load(answer)["items"]]
    found = []
    for name in names:
        if name.endswith(".jsonl"):
            with urlopen(f"{STORAGE}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media") as file:
                found += [json.loads(text) for text in file.read().splitlines()]
    return found


def line(text, **config):
    asked = {"imageConfig": {"imageSize": "512px"}, **config}
    content = {"role": "user", "parts": [{"text": text}]}
    return {"request": {"contents": [content], "generationConfig": asked}}


def created(lines, name, **config):
    return client.batches.create(model=MODEL, src=stored(lines, name), config={"dest": DEST, **config})


def ended(job):
    """The job once it is over."""
    return asked_until(lambda: client.batches.get(name=job.name), lambda found: found.state.name in OVER)


def drawn():
    lines = [line("a red boat"), line("two boats", candidateCount=2), {"request": {"contents": []}}]
    job = created(lines, "vertex/drawn.jsonl", display_name="boats")
    over = ended(job)
    answers = lines_of(over)
    parts = [
        part
        for answer in answers[:2]
        for candidate in answer["response"]["candidates"]
        for part in candidate["content"]["parts"]
        if "inlineData" in part
    ]
    pictures = [base64.b64decode(part["inlineData"]["data"]) for part in parts]
    return {
        "begun": job.state.name in ("JOB_STATE_PENDING", "JOB_STATE_RUNNING"),
        "over": [over.state.name, over.display_name, over.end_time is not None],
        "model": over.model,
        "dest": over.dest.gcs_uri == DEST,
        "source": over.src.gcs_uri == [f"gs://{UPLOADS}/vertex/drawn.jsonl"],
        "counts": [over.completion_stats.successful_count, over.completion_stats.failed_count],
        "sizes": [list(struct.unpack(">II", picture[16:24])) for picture in pictures],
        "requests": [answer["request"] for answer in answers] == [each["request"] for each in lines],
        "statuses": [answer["status"][:11] for answer in answers],
    }


def canceled():
    slow = {"request": {**line("a boat")["request"], "labels": {"mock.seconds": "600"}}}
    job = created([slow] * 3, "vertex/canceled.jsonl")
    client.batches.cancel(name=job.name)
    return ended(job).state.name


def listed():
    """The two jobs from above, newest first, on pages of one; and the older one by its number alone."""
    names = [job.name for job in client.batches.list(config={"page_size": 1})][:2]
    sources = [client.batches.get(name=name.rpartition("/")[2]).src.gcs_uri[0] for name in names]
    return [source.rpartition("/")[2] for source in sources]


def deleted():
    job = next(job for job in client.batches.list() if job.state.name == "JOB_STATE_SUCCEEDED")
    gone = client.batches.delete(name=job.name)
    return [gone.done, error_of(lambda: client.batches.get(name=job.name))]


def error_of(call):
    try:
        call()
    except errors.ClientError as error:
        return [error.code, error.status]
    return "no error"


def refused():
    """A stranger's file, a stranger's bucket for the answers, the package's own choice of it, a table."""
    source = stored([line("a boat")], "vertex/refused.jsonl")
    tries = [
        {"src": "gs://somebody-elses/in.jsonl", "config": {"dest": DEST}},
        {"src": source, "config": {"dest": "gs://somebody-elses/out"}},
        {"src": source},
        {"src": "bq://p.d.t", "config": {"dest": DEST}},
    ]
    return [error_of(lambda asked=asked: client.batches.create(model=MODEL, **asked)) for asked in tries]


def unknown_model():
    source = stored([line("a boat")], "vertex/unknown.jsonl")
    return error_of(lambda: client.batches.create(model="no-such", src=source, config={"dest": DEST}))


CALLS = (drawn, canceled, listed, deleted, refused, unknown_model)
FAILURES = (errors.APIError, LookupError, TypeError, ValueError, AttributeError, OSError)

print_outcomes(CALLS, FAILURES)
