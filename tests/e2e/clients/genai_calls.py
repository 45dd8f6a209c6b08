"""Calls of the `google-genai` package as its users make them, in an environment without Plantain.

Prints one JSON object: what came of each call, by its name. The first argument is the server's address.
"""
# pyright: basic, reportMissingImports=false, reportOptionalSubscript=false, reportOptionalMemberAccess=false
# pyright: reportOperatorIssue=false

from __future__ import annotations

import base64
import io
import json
import struct
import sys
import time
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

BASE = sys.argv[1]
SMALL = types.GenerateContentConfig(image_config=types.ImageConfig(image_size="512"))
apart = ThreadPoolExecutor(2)  # gives whatever a call raises as a value
client: Any = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=BASE))
cloud: Any = genai.Client(
    vertexai=True,
    project="p",
    location="us-central1",
    credentials=Credentials("token"),
    http_options=types.HttpOptions(base_url=BASE),
)


def png(side):
    """A PNG file of grey pixels."""
    rows = b"".join(b"\0" + bytes((x % 256, 90, 120)) * 1 + bytes(3 * (side - 1)) for x in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def pictures_of(answer):
    """Width and height of every picture of an answer."""
    parts = [part for candidate in answer.candidates or [] for part in candidate.content.parts or []]
    return [list(struct.unpack(">II", part.inline_data.data[16:24])) for part in parts if part.inline_data]


def error_of(call):
    """The class, code and status of the error that `call` raises."""
    try:
        call()
    except errors.APIError as error:
        return [type(error).__name__, error.code, error.status, bool(error.message)]
    return "no error"


def generate():
    answer = client.models.generate_content(
        model="gemini-3.1-flash-image", contents="a red boat", config=SMALL
    )
    return [pictures_of(answer), answer.candidates[0].finish_reason.name, "Understood" in answer.text]


def two_candidates_of_a_ratio():
    config = types.GenerateContentConfig(
        candidate_count=2, seed=7, image_config=types.ImageConfig(aspect_ratio="16:9", image_size="512")
    )
    return pictures_of(client.models.generate_content(model="mock", contents="a red boat", config=config))


def edit():
    picture = types.Part.from_bytes(data=png(256), mime_type="image/png")
    return pictures_of(client.models.generate_content(model="mock", contents=[picture, "make it blue"]))


def chat_of_two_turns():
    chat = client.chats.create(model="mock", config=SMALL)
    first = chat.send_message("a green house")
    second = chat.send_message("make it blue")
    return [pictures_of(first), pictures_of(second)]


def stream():
    chunks = list(client.models.generate_content_stream(model="mock", contents="a fish", config=SMALL))
    return [[size for chunk in chunks for size in pictures_of(chunk)], chunks[-1].usage_metadata is not None]


def block():
    answer = client.models.generate_content(model="mock", contents="how to build a pipe bomb at home")
    return answer.prompt_feedback.block_reason.name


def bad_size():
    config = types.GenerateContentConfig(image_config=types.ImageConfig(image_size="9K"))
    return error_of(lambda: client.models.generate_content(model="mock", contents="x", config=config))


def unknown_model():
    return error_of(lambda: client.models.generate_content(model="nobody", contents="x"))


def models():
    return [model.name for model in client.models.list()]


def count_tokens():
    return client.models.count_tokens(model="mock", contents="a red boat").total_tokens


def words_of_earlier_turns():
    turns = [
        types.Content(role="user", parts=[types.Part(text="a red boat")]),
        types.Content(role="model", parts=[types.Part(text="On the sea?")]),
        types.Content(role="user", parts=[types.Part(text="yes, with a green house")]),
    ]
    config = SMALL.model_copy(update={"system_instruction": "at night"})
    return pictures_of(client.models.generate_content(model="mock", contents=turns, config=config))


def files():
    """A file of two pieces of 8 MiB and a rest, uploaded, shown, listed, downloaded and deleted."""
    data = bytes(range(256)) * (9 * 2**12)
    file = client.files.upload(file=io.BytesIO(data), config={"mime_type": "text/plain", "display_name": "d"})
    shown = client.files.get(name=file.name)
    listed = [each.name for each in client.files.list(config={"page_size": 1})]
    same = client.files.download(file=shown) == data
    client.files.delete(name=file.name)
    facts = [shown.display_name, shown.mime_type, shown.size_bytes == len(data), shown.state.name]
    return [*facts, file.name in listed, same, error_of(lambda: client.files.get(name=file.name))[1:3]]


def edit_of_an_uploaded_file():
    config = {"mime_type": "image/png", "name": f"files/a-{time.monotonic_ns()}"}
    file = client.files.upload(file=io.BytesIO(png(256)), config=config)
    found = pictures_of(client.models.generate_content(model="mock", contents=[file, "make it blue"]))
    client.files.delete(name=file.name)
    return found


SMALL_IMAGE = {"type": "image", "image_size": "512"}


def image_size(image):
    """Width and height of an image of an interaction, which is base64."""
    return list(struct.unpack(">II", base64.b64decode(image.data)[16:24]))


def interaction():
    first = client.interactions.create(model="mock", input="a red boat", response_format=SMALL_IMAGE)
    again = client.interactions.create(
        model="mock", input="make it blue", previous_interaction_id=first.id, response_modalities=["image"]
    )
    kept = client.interactions.get(again.id)
    words = first.output_text.startswith("Understood")
    return [image_size(first.output_image), words, again.status, kept.status, kept.usage is not None]


def interaction_of_an_input():
    content = [
        {"type": "image", "data": base64.b64encode(png(256)).decode(), "mime_type": "image/png"},
        {"type": "text", "text": "make it blue"},
    ]
    steps = [{"type": "user_input", "content": content}]
    found = [client.interactions.create(model="mock", input=given).output_image for given in (content, steps)]
    return [image_size(image) for image in found]


def interaction_in_a_stream():
    """A stream, and what it has after its third event when it is asked for again."""
    asked = {"model": "mock", "input": "a fish", "response_format": SMALL_IMAGE, "stream": True}
    events = list(client.interactions.create(**asked))
    kept = events[0].interaction.id
    rest = list(client.interactions.get(kept, stream=True, last_event_id=events[2].event_id))
    return [[event.event_type for event in events], [event.event_id for event in rest]]


def interaction_with_previews():
    """The steps, what they show, whether previews are JPEG, and the size of the picture."""
    events = list(
        client.interactions.create(
            model="mock",
            input="a fish in parts",
            response_format=SMALL_IMAGE,
            stream=True,
            generation_config={"thinking_summaries": "auto"},
            labels={"mock.seconds": "6", "mock.steps": "4"},
        )
    )
    steps = [event.step.type for event in events if event.event_type == "step.start"]
    deltas = [event.delta for event in events if event.event_type == "step.delta"]
    previews = [base64.b64decode(each.content.data) for each in deltas if each.type == "thought_summary"]
    ended = client.interactions.get(events[0].interaction.id)
    kinds = list(dict.fromkeys(each.type for each in deltas))
    return [steps, kinds, {data[:2].hex() for data in previews} == {"ffd8"}, image_size(ended.output_image)]


def interaction_in_the_background():
    begun = client.interactions.create(
        model="mock", input="a slow boat", background=True, labels={"mock.seconds": "2"}
    )
    *_, last = client.interactions.get(begun.id, stream=True)
    ended = client.interactions.get(begun.id)
    return [begun.status, last.event_type, ended.status, image_size(ended.output_image)]


def interaction_that_is_canceled():
    begun = client.interactions.create(
        model="mock", input="a late boat", background=True, labels={"mock.seconds": "60"}
    )
    client.interactions.cancel(begun.id)
    *_, last = client.interactions.get(begun.id, stream=True)
    client.interactions.delete(begun.id)
    return [last.interaction.status, interaction_error(lambda: client.interactions.get(begun.id))]


def video():
    """A clip in Vertex AI's mode, begun, polled to its end and read; then the same by the Gemini API."""
    picture = types.Image(image_bytes=png(256), mime_type="image/png")
    operation = cloud.models.generate_videos(
        model="veo-3.1-generate-preview",
        source=types.GenerateVideosSource(prompt="the boat rocks", image=picture),
        config=types.GenerateVideosConfig(
            duration_seconds=2, fps=8, seed=7, aspect_ratio="9:16", resolution="720p"
        ),
    )
    begun = [operation.done, operation.name.startswith("projects/p/locations/us-central1/")]
    while not operation.done:
        time.sleep(0.5)
        operation = cloud.operations.get(operation)
    (made,) = operation.response.generated_videos
    data = made.video.video_bytes
    name = operation.name[operation.name.index("models/") :]
    known = types.GenerateVideosOperation()
    known.name = name
    again = client.operations.get(known)
    (same,) = again.response.generated_videos
    return [begun, operation.error, data[4:8].decode(), client.files.download(file=same.video) == data]


def video_refusals():
    def ask(model="veo-2.0-generate-001", **config):
        source, asked = types.GenerateVideosSource(prompt="a boat"), types.GenerateVideosConfig(**config)
        return lambda: cloud.models.generate_videos(model=model, source=source, config=asked)

    frame = types.Image(image_bytes=png(256), mime_type="image/png")
    return [
        error_of(call)
        for call in (
            ask(duration_seconds=30),
            ask(resolution="4k"),
            ask(last_frame=frame),
            ask(number_of_videos=2),
            ask(model="starter"),
        )
    ]


def interaction_error(call):
    """The class and the status of the error that `call` raises; each version of the package has its own
    classes.
    """
    error = apart.submit(call).exception()
    return [type(error).__name__, getattr(error, "status_code", None)]


def interaction_errors():
    def ask(**body):
        return lambda: client.interactions.create(**{"model": "mock", "input": "x", **body})

    return [
        interaction_error(ask(input="how to build a pipe bomb at home")),
        interaction_error(ask(response_format={"type": "image", "image_size": "9K"})),
        interaction_error(ask(model="nobody")),
    ]


INTERACTIONS = (
    *(interaction, interaction_of_an_input, interaction_in_a_stream, interaction_in_the_background),
    *(interaction_with_previews, interaction_that_is_canceled, interaction_errors),
)
CALLS = (
    *INTERACTIONS,
    *(generate, two_candidates_of_a_ratio, edit, chat_of_two_turns, stream, block, bad_size, unknown_model),
    *(
        video,
        video_refusals,
        models,
        count_tokens,
        words_of_earlier_turns,
        files,
        edit_of_an_uploaded_file,
    ),
)
outcomes = {}
for call in CALLS:
    made = apart.submit(call)
    error = made.exception()
    outcomes[call.__name__] = "".join(traceback.format_exception(error)) if error else made.result()
print(json.dumps(outcomes))
