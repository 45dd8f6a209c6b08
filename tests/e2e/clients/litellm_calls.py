"""Calls of litellm and langchain-openai as their users make them, in an environment without Plantain.

Prints one JSON object: what came of each call, by its name. The first argument is the server's address.
"""
# pyright: basic, reportMissingImports=false

import base64
import io
import json
import struct
import sys
import traceback

import litellm
from langchain_openai import ChatOpenAI

BASE = f"{sys.argv[1]}/v1"
PICTURE = open(sys.argv[2], "rb").read()  # noqa: PTH123, SIM115
OPTIONS = {"api_base": BASE, "api_key": "k"}


def size_of(b64):
    """Width and height of a PNG in base64."""
    return list(struct.unpack(">II", base64.b64decode(b64, validate=True)[16:24]))


def litellm_generation():
    found = litellm.image_generation(model="openai/gpt-image-2", prompt="x", n=1, size="512x512", **OPTIONS)
    return size_of(found.data[0].b64_json)


def litellm_edit():
    image = io.BytesIO(PICTURE)
    image.name = "in.png"
    found = litellm.image_edit(model="openai/gpt-image-2", image=image, prompt="x", **OPTIONS)
    return size_of(found.data[0].b64_json)


def litellm_chat():
    messages = [{"role": "user", "content": "draw a boat"}]
    found = litellm.completion(model="openai/gpt-image-2", messages=messages, **OPTIONS)
    return size_of(found.choices[0].message.images[0]["image_url"]["url"].partition(",")[2])


def litellm_bad_size():
    try:
        litellm.image_generation(model="openai/gpt-image-2", prompt="x", size="1x1", **OPTIONS)
    except litellm.BadRequestError as error:
        return [error.status_code, "size" in str(error)]
    return "no error"


def langchain_tool():
    model = ChatOpenAI(model="gpt-5", base_url=BASE, api_key="k", use_responses_api=True)
    tool = {"type": "image_generation", "quality": "low", "size": "512x512"}
    found = model.bind_tools([tool]).invoke("draw a boat")
    [result] = [part["result"] for part in found.content if part["type"] == "image_generation_call"]
    return size_of(result)


FAILURES = (litellm.APIError, LookupError, TypeError, ValueError, AttributeError, OSError)
CALLS = (litellm_generation, litellm_edit, litellm_chat, litellm_bad_size, langchain_tool)

outcomes = {}
for call in CALLS:
    try:
        outcomes[call.__name__] = call()
    except FAILURES:
        outcomes[call.__name__] = traceback.format_exc()
print(json.dumps(outcomes))
