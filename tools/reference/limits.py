"""The limits of the service, read from the constants that the code uses."""

from __future__ import annotations

from datetime import timedelta

from functions.api.query_string import MAX_LIMIT
from functions.api.request_body import MAX_BODY, MAX_SMALL_BODY, MAX_WAIT
from functions.contract import pictures
from functions.contract.prompts import MAX_PROMPT, MAX_REGION_PROMPT
from functions.contract.request import MAX_COUNT, MAX_IMAGES, MAX_WORDING
from functions.contract.validation.json_bounds import REQUEST
from functions.http_edge.gunicorn_worker import MAX_LINE
from functions.intake.input_pictures import MAX_INLINE, MAX_OBJECT
from functions.intake.upload_recipes import MAX_RECIPE
from functions.signed_urls import LIFETIME
from tools.reference.markdown import markdown_table


def limit_table() -> str:
    return markdown_table(["what", "limit"], LIMITS)


def format_duration(time: timedelta) -> str:
    """Returns ``5 s``, ``30 min`` or ``2 h 35 min``: seconds are left out from an hour on."""
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (0 if hours else seconds, "s")]
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount)


LIMITS = [
    ["a request's body", f"{MAX_BODY // 2**20} MiB"],
    ["a body that holds no picture", f"{MAX_SMALL_BODY // 2**10} KiB"],
    ["values in a JSON text", f"{REQUEST.values:,}, in {REQUEST.depth} levels"],
    ["quotation marks in a JSON text", f"{REQUEST.quotes:,}"],
    ["a string that is no file", f"{REQUEST.string // 2**10} KiB as it is written"],
    ["a recipe", f"{MAX_RECIPE // 2**20} MiB"],
    ["a request's address, and each of its headers", f"{MAX_LINE:,} bytes"],
    ["an inline picture, decoded from base64", f"{MAX_INLINE // 2**20} MiB"],
    ["a picture in a bucket or an upload", f"{MAX_OBJECT // 2**20} MiB"],
    ["a picture's pixels", f"{pictures.MAX_PIXELS / 1e6:.0f} million"],
    ["a picture's sides", f"{pictures.MIN_SIDE} to {pictures.MAX_SIDE} pixels"],
    ["a picture's longer side", f"{pictures.MAX_ASPECT} times the shorter one"],
    ["formats of pictures that are sent", pictures.TAKEN],
    ["pictures in a request", f"{MAX_IMAGES}, and a mask"],
    ["pictures of a job", str(MAX_COUNT)],
    ["a prompt", f"{MAX_PROMPT:,} characters"],
    ["all prompts of a request together", f"{MAX_WORDING:,} characters"],
    ["a region's name", f"{MAX_REGION_PROMPT} characters"],
    ["`Prefer: wait`", f"{MAX_WAIT:.0f} s"],
    ["entries in a page of a listing", str(MAX_LIMIT)],
    ["the address of an upload is good for", format_duration(LIFETIME)],
]
