"""Hooks of Schemathesis, in an environment without Plantain: ids that exist, pictures that are some, events.

The variable `KNOWN` of the environment has ids by the names of parameters, and `PICTURE` a file in base64.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import json
import os
import zlib

import schemathesis

KNOWN = json.loads(os.environ["KNOWN"])
PICTURE = os.environ["PICTURE"]
_TEXTS = {"data", "bytesBase64Encoded", "image_url", "mask"}
_FILES = {"image", "mask", "file"}


def choose(generated, known):
    """Returns one of the known values or the generated one, always the same for the same."""
    choices = [*known, generated]
    return choices[zlib.crc32(repr(generated).encode()) % len(choices)]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    del context
    if not isinstance(path_parameters, dict):
        return path_parameters
    return {name: choose(value, KNOWN.get(name, [])) for name, value in path_parameters.items()}


@schemathesis.hook
def map_body(context, body):
    del context
    return with_pictures(body)


def with_pictures(value):
    """Returns the body with a picture in half of the places that take one."""
    if isinstance(value, list):
        return [with_pictures(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: picture_for(name, each) for name, each in value.items()}


def picture_for(name, value):
    if name in _FILES and isinstance(value, bytes):
        return choose(value, [base64.b64decode(PICTURE)])
    if name in _TEXTS and isinstance(value, str):
        return choose(value, [PICTURE])
    if name == "init_images" and isinstance(value, list):
        return choose(value, [[PICTURE]])
    return with_pictures(value)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Describes each event of a stream as OpenAPI 3.2 does, since 3.1 has no words for it."""
    del context
    for item in raw_schema["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    if "x-plantain-events" in content:
                        del content["schema"]
                        content["itemSchema"] = event_schema(content["x-plantain-events"])


def event_schema(kinds):
    data = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"anyOf": kinds},
    }
    return {"type": "object", "properties": {"data": {"anyOf": [{"const": "[DONE]"}, data]}}}
