"""Calls of `langchain-google-genai` as its users make them, in an environment without Plantain.

Prints one JSON object: what came of each call, by its name. The arguments are the server and a picture.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import base64
import json
import struct
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_google_genai import ChatGoogleGenerativeAI, Modality

BASE, PICTURE = sys.argv[1], Path(sys.argv[2]).read_bytes()
apart = ThreadPoolExecutor(2)  # gives whatever a call raises as a value


def model(**how):
    asked = {
        "model": "mock",
        "google_api_key": "k",
        "base_url": BASE,
        "response_modalities": [Modality.TEXT, Modality.IMAGE],
        "image_config": {"image_size": "512"},
        "max_retries": 1,
    }
    return ChatGoogleGenerativeAI(**{**asked, **how})


def sizes_of(*messages):
    """Width and height of every picture of the messages."""
    blocks = [block for message in messages for block in message.content if isinstance(block, dict)]
    urls = [block["image_url"]["url"] for block in blocks if block["type"] == "image_url"]
    return [list(struct.unpack(">II", base64.b64decode(url.partition(",")[2])[16:24])) for url in urls]


def generate():
    return sizes_of(model().invoke("a red boat"))


def edit():
    url = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    content = [{"type": "text", "text": "make it blue"}, {"type": "image_url", "image_url": url}]
    return sizes_of(model(image_config=None).invoke([HumanMessage(content)]))


def several_turns():
    """The model's own message goes back, as a chain with a memory sends it."""
    asked = [SystemMessage("at night"), HumanMessage("a red boat")]
    first = model(image_config={"image_size": "512", "aspect_ratio": "16:9"}).invoke(asked)
    second = model(image_config=None).invoke([*asked, first, HumanMessage("make it blue")])
    return [sizes_of(first), sizes_of(second)]


def words_of_turns():
    turns = [HumanMessage("a red boat"), AIMessage("On the sea?"), HumanMessage("yes")]
    return sizes_of(model().invoke(turns))


def stream():
    return sizes_of(*model().stream("a fish"))


def block():
    answer = model().invoke("how to build a pipe bomb at home")
    return [answer.content, answer.response_metadata["prompt_feedback"]["block_reason"]]


def bad_size():
    error = apart.submit(model(image_config={"image_size": "9K"}).invoke, "x").exception()
    return [type(error).__name__, "INVALID_ARGUMENT" in str(error)]


outcomes = {}
for call in (generate, edit, several_turns, words_of_turns, stream, block, bad_size):
    made = apart.submit(call)
    failure = made.exception()
    outcomes[call.__name__] = "".join(traceback.format_exception(failure)) if failure else made.result()
print(json.dumps(outcomes))
