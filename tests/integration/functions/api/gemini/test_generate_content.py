"""generateContent with the bodies that Google's clients send, and what those clients make of the answers."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from google.genai import types
from PIL import Image

from functions.contract.errors import BlockFacts, ErrorFacts
from functions.contract.intent_facts import FigureFacts, IntentFacts
from functions.contract.manifest import AttemptFacts
from functions.waiting.synchronous_job import JOB_HEADER
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

KEY = {"x-goog-api-key": "k", "x-goog-api-client": "google-genai-sdk/3.6.1 gl-python/3.11.7"}
PATH = "/v1/models/gemini-3.1-flash-image:generateContent"
BLOCK = BlockFacts(categories=("hate",), policy_version="1", support_code="AAAAA-BBBBB")


def ask(deployment: Deployment, *parts: dict[str, Any], path: str = PATH, **body: Any) -> Answer:
    contents = body.pop("contents", [{"role": "user", "parts": list(parts) or [{"text": "a red boat"}]}])
    return deployment.client.post(path, json={"contents": contents, **body}, headers=KEY)


def inline(data: bytes, *, is_url_safe: bool = True, mime_type: str = "image/png") -> dict[str, Any]:
    encode = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
    return {"inlineData": {"data": encode(data).decode(), "mime_type": mime_type}}


def read_answer(answer: Answer) -> types.GenerateContentResponse:
    assert answer.status_code == 200, answer.text
    return types.GenerateContentResponse.model_validate(answer.json)


def sizes_of(found: types.GenerateContentResponse) -> list[tuple[int, int]]:
    return [
        Image.open(io.BytesIO(part.inline_data.data)).size
        for candidate in found.candidates or ()
        for part in (candidate.content and candidate.content.parts) or ()
        if part.inline_data and part.inline_data.data
    ]


def test_a_prompt_becomes_words_and_a_picture(deployment: Deployment) -> None:
    intent = IntentFacts(
        by="rules",
        prompt="a red boat",
        figures=(FigureFacts(subject="boat", colour="red", count=1),),
        place="sea",
        unrecognized=("unicorn", "blue table"),
    )
    with painting(deployment, facts={"intent": intent}) as painter:
        answer = ask(deployment)
    found = read_answer(answer)
    assert sizes_of(found) == [(1024, 1024)]
    [candidate] = found.candidates or []
    assert candidate.finish_reason == types.FinishReason.STOP
    assert found.text == "Understood: 1 red boat, sea. Not understood: unicorn, blue table."
    assert found.usage_metadata is not None
    assert found.usage_metadata.total_token_count == 3 + 1024
    assert answer.headers[JOB_HEADER] == painter.drawn[0].id == found.response_id


def test_what_was_corrected_is_told(deployment: Deployment) -> None:
    from functions.contract.document import now
    from functions.contract.manifest import ImageFacts, Manifest, RegionFacts
    from functions.contract.states import State
    from functions.waiting.finished_job import FinishedJob
    from functions.waiting.picture_description import describe_picture

    record = deployment.record(deployment.generate())
    attempts = (
        AttemptFacts(seed=1, score=0.2, reasons=("no boat",)),
        AttemptFacts(seed=2, score=0.9, chosen=True, unchecked=("small boat",)),
    )
    facts = ImageFacts(
        name="x",
        width=1,
        height=1,
        bit_depth=8,
        content_type="image/png",
        bytes=1,
        sha256="",
        seed=1,
        attempts=attempts,
    )
    manifest = Manifest.of(record, State.SUCCEEDED, now(), images=(facts,))
    text = describe_picture(FinishedJob(record, manifest), facts)
    assert (
        text == "Of 2 drawings, number 2 is delivered. The others missed: no boat. Not checked: small boat."
    )
    region = RegionFacts(by="contrast", box=(0, 0, 1, 1), share=0.1, unrecognized=("hat",))
    named = describe_picture(FinishedJob(record, manifest.model_copy(update={"region": region})), facts)
    assert named == f"Not understood of the region's name: hat. {text}"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/mock:generateContent",
        "/v1beta/models/mock:generateContent",
        "/v1alpha/models/mock:generateContent",
        "/v1beta/v1/models/mock:generateContent",
        "/gemini/v1beta/models/mock:generateContent",
        "/models/mock:generateContent",
        "/v1/tunedModels/mock:generateContent",
        "/v1beta1/publishers/google/models/mock:generateContent",
        "/v1/projects/p/locations/global/publishers/google/models/mock:generateContent",
        "/v1beta1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash-image:generateContent",
    ],
)
def test_every_prefix_of_the_recordings_works(deployment: Deployment, path: str) -> None:
    with painting(deployment):
        assert sizes_of(read_answer(ask(deployment, path=path))) == [(1024, 1024)]


def test_size_ratio_seed_candidates_and_labels_are_taken(deployment: Deployment) -> None:
    config = {
        "candidateCount": 2,
        "seed": 7,
        "temperature": 0.5,
        "response_modalities": ["IMAGE"],
        "imageConfig": {
            "aspectRatio": "16:9",
            "image_size": "512",
            "outputMimeType": "image/webp",
            "imageOutputOptions": {"compressionQuality": 0},
        },
    }
    with painting(deployment) as painter:
        found = read_answer(
            ask(
                deployment,
                generationConfig=config,
                labels={"team": "sea"},
                safetySettings=[{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"}],
                systemInstruction={"parts": [{"text": "be brief"}]},
                tools=[{"googleSearch": {}}],
            )
        )
    assert sizes_of(found) == [(688, 384), (688, 384)]
    assert found.text is None
    request = painter.drawn[0].request
    assert (request.seed, request.count, request.labels) == (7, 2, {"team": "sea"})
    assert (request.format, request.quality) == ("webp", 1)


@pytest.mark.parametrize(
    "image",
    [
        {"aspectRatio": "16:9", "imageSize": "512"},
        {"aspect_ratio": "ASPECT_RATIO_SIXTEEN_BY_NINE", "image_size": "0.5K"},
        {"aspectRatio": "ASPECT_RATIO_SIXTEEN_BY_NINE", "imageSize": "IMAGE_SIZE_FIVE_TWELVE"},
    ],
)
def test_the_newer_place_for_sizes_is_read_too(deployment: Deployment, image: dict[str, str]) -> None:
    with painting(deployment):
        found = read_answer(ask(deployment, generationConfig={"responseFormat": {"image": image}}))
    assert sizes_of(found) == [(688, 384)]


@pytest.mark.parametrize("is_url_safe", [True, False])
def test_a_picture_is_edited_whatever_its_alphabet_and_its_label(
    deployment: Deployment, is_url_safe: bool
) -> None:
    given = picture(320, 256, format="JPEG")
    with painting(deployment) as painter:
        found = read_answer(ask(deployment, {"text": "make it blue"}, inline(given, is_url_safe=is_url_safe)))
    assert sizes_of(found) == [(320, 256)]
    assert painter.drawn[0].request.task == "edit"


def test_of_several_turns_the_last_picture_is_edited(deployment: Deployment) -> None:
    contents = [
        {"role": "user", "parts": [{"text": "a green house"}]},
        {
            "role": "model",
            "parts": [{"text": "Here.", "thoughtSignature": "aGk="}, inline(picture(512, 512))],
        },
        {"parts": [{"text": "make it blue"}]},
        {
            "role": "model",
            "parts": [{"thought": True, **inline(picture(256, 256))}, inline(picture(640, 512))],
        },
        {"parts": {"text": "now with snow"}},
    ]
    with painting(deployment) as painter:
        found = read_answer(ask(deployment, contents=contents))
    assert sizes_of(found) == [(640, 512)]
    [record] = painter.drawn
    assert (record.request.prompt, len(record.request.images)) == ("now with snow", 1)


def test_a_stream_has_lines_of_data_alone(deployment: Deployment) -> None:
    path = "/v1/models/mock:streamGenerateContent?alt=sse"
    with painting(deployment):
        answer = ask(deployment, path=path)
    assert answer.mimetype == "text/event-stream"
    lines = [line for line in answer.text.splitlines() if line]
    assert all(line.startswith("data: ") for line in lines)
    chunks = [
        types.GenerateContentResponse.model_validate_json(line.removeprefix("data: ")) for line in lines
    ]
    assert len(chunks) == 2
    assert chunks[0].text
    assert sizes_of(chunks[1]) == [(1024, 1024)]
    reasons = [chunk.candidates[0].finish_reason for chunk in chunks if chunk.candidates]
    assert reasons == [None, types.FinishReason.STOP]
    assert [chunk.usage_metadata is not None for chunk in chunks] == [False, True]


def test_a_stream_without_sse_is_an_array(deployment: Deployment) -> None:
    with painting(deployment):
        answer = ask(deployment, path="/v1beta/models/mock:streamGenerateContent")
    assert answer.mimetype == "application/json"
    assert len(json.loads(answer.text)) == 2


@pytest.mark.parametrize("path", [PATH, PATH.replace(":g", ":streamG") + "?alt=sse"])
def test_a_blocked_prompt_is_an_answer(deployment: Deployment, path: str) -> None:
    answer = ask(deployment, {"text": "how to build a pipe bomb at home"}, path=path)
    assert answer.status_code == 200
    text = answer.text.removeprefix("data: ")
    found = types.GenerateContentResponse.model_validate_json(text)
    assert found.prompt_feedback is not None
    assert found.prompt_feedback.block_reason == types.BlockedReason.SAFETY
    assert not found.candidates


def test_a_blocked_picture_is_a_candidate_without_parts(deployment: Deployment) -> None:
    error = ErrorFacts(code="image_blocked", message="No.", stage="screen_output", block=BLOCK)
    with painting(deployment, error=error):
        found = read_answer(ask(deployment))
    [candidate] = found.candidates or []
    assert candidate.finish_reason == types.FinishReason.IMAGE_SAFETY
    assert candidate.content is None


def test_a_job_that_fails_is_googles_error(deployment: Deployment) -> None:
    error = ErrorFacts(code="out_of_memory", message="Too large.", stage="diffuse")
    with painting(deployment, error=error) as painter:
        answer = ask(deployment)
    assert answer.status_code == 503
    assert answer.headers["X-Plantain-Job"] == painter.drawn[0].id
    assert answer.json["error"]["status"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "model", "parts": [{"text": "x"}]}]}, "contents"),
        ({"contents": [{"parts": [{"text": "  "}]}]}, "contents"),
        ({"contents": [{"parts": [{"text": 3}]}]}, "contents[0].parts[0].text"),
        ({"generationConfig": {"responseModalities": ["TEXT"]}}, "generationConfig.responseModalities"),
        ({"generationConfig": {"candidateCount": 99}}, "generationConfig.candidateCount"),
        ({"generationConfig": {"seed": -1}}, "generationConfig.seed"),
        (
            {"generationConfig": {"imageConfig": {"aspectRatio": "7:5"}}},
            "generationConfig.imageConfig.aspectRatio",
        ),
        (
            {"generationConfig": {"imageConfig": {"imageSize": "9K"}}},
            "generationConfig.imageConfig.imageSize",
        ),
        ({"generationConfig": {"imageConfig": {"outputMimeType": "image/gif"}}}, "mimeType"),
        (
            {"generationConfig": {"imageConfig": {"outputCompressionQuality": 101}}},
            "generationConfig.imageConfig.imageOutputOptions.compressionQuality",
        ),
        (
            {"contents": [{"parts": [{"text": "x"}, {"inlineData": {"data": "+-"}}]}]},
            "contents[0].parts[1].inlineData.data",
        ),
        (
            {"contents": [{"parts": [{"text": "x"}, {"inlineData": {"data": "ä"}}]}]},
            "contents[0].parts[1].inlineData.data",
        ),
        (
            {"contents": [{"parts": [{"text": "x"}, {"fileData": {"fileUri": "ftp://a.b/c"}}]}]},
            "contents[0].parts[1].fileData.fileUri",
        ),
    ],
)
def test_bad_input_is_told_in_googles_shape(deployment: Deployment, body: dict[str, Any], field: str) -> None:
    answer = ask(deployment, **body)
    assert answer.status_code == 400, answer.text
    error = answer.json["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    violations = [each for detail in error["details"] for each in detail.get("fieldViolations", ())]
    assert [each["field"] for each in violations] == [field]
    assert deployment.client.get("/v1/jobs").json["jobs"] == []


def test_spellings_are_mixed_as_clients_mix_them_and_roles_may_be_missing(deployment: Deployment) -> None:
    data = base64_of(picture(320, 256))
    body = {
        "contents": [{"parts": [{"inline_data": {"mimeType": "image/png", "data": data}}, {"text": "blue"}]}],
        "generation_config": {"imageConfig": {"aspect_ratio": "16:9"}, "candidate_count": 2, "seed": 7},
        "system_instruction": {"parts": [{"text": "at night"}]},
    }
    with painting(deployment) as painter:
        answer = deployment.client.post(PATH, json=body, headers=KEY)
    assert answer.status_code == 200, answer.text
    (record,) = painter.drawn
    asked = record.request
    assert (asked.task, asked.aspect_ratio, asked.count, asked.seed) == ("edit", "16:9", 2, 7)
    assert asked.prompt == "at night\nblue"


def test_null_is_a_field_without_a_value(deployment: Deployment) -> None:
    config = {"imageConfig": None, "seed": None, "responseModalities": None}
    with painting(deployment):
        answer = ask(deployment, generationConfig=config, labels=None, systemInstruction=None)
    assert sizes_of(read_answer(answer)) == [(1024, 1024)]


def test_a_large_png_is_refused_before_it_is_drawn(deployment: Deployment) -> None:
    answer = ask(deployment, generationConfig={"imageConfig": {"imageSize": "4K"}})
    assert answer.status_code == 400
    assert "WebP or JPEG" in answer.json["error"]["message"]
    assert deployment.client.get("/v1/jobs").json["jobs"] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("POST", "/v1beta/models/nobody-knows:generateContent", 404, "NOT_FOUND"),
        ("POST", "/v1beta/models/mock:embedContent", 404, "NOT_FOUND"),
        ("GET", "/v1beta/models/mock:generateContent", 404, "NOT_FOUND"),
        ("GET", "/v1beta/nothing", 404, "NOT_FOUND"),
        ("GET", "/v1/models/nobody-knows", 404, "NOT_FOUND"),
    ],
)
def test_errors_of_routing_are_googles_too(
    deployment: Deployment, method: str, path: str, status: int, name: str
) -> None:
    body = {"contents": [{"parts": [{"text": "x"}]}]} if method == "POST" else None
    answer = deployment.client.open(path, method=method, json=body, headers=KEY)
    assert (answer.status_code, answer.json["error"]["status"]) == (status, name)


def test_a_wait_that_ends_is_a_deadline_and_the_repeat_gets_the_picture(deployment: Deployment) -> None:
    headers = {**KEY, "X-Server-Timeout": "1"}
    body = {"contents": [{"parts": [{"text": "a red boat"}]}]}
    first = deployment.client.post(PATH, json=body, headers=headers)
    assert (first.status_code, first.json["error"]["status"]) == (504, "DEADLINE_EXCEEDED")
    job_id = first.headers[JOB_HEADER]
    with painting(deployment):
        again = deployment.client.post(PATH, json=body, headers=KEY)
    assert again.status_code == 200, again.text
    assert again.headers[JOB_HEADER] == job_id
    assert len(deployment.client.get("/v1/jobs").json["jobs"]) == 1


def test_tokens_and_models(deployment: Deployment) -> None:
    answer = ask(deployment, path="/v1beta/models/mock:countTokens")
    assert answer.json["totalTokens"] == 3
    listed = deployment.client.get("/v1/models", headers=KEY).json
    assert [found["name"] for found in listed["models"]] == ["models/mock"]
    shown = deployment.client.get("/v1beta/models/gemini-3.1-flash-image", headers=KEY).json
    assert shown["name"] == "models/gemini-3.1-flash-image"
    vertex = deployment.client.get("/v1beta1/publishers/google/models", headers=KEY).json
    assert vertex["publisherModels"][0]["name"] == "publishers/google/models/mock"


def test_a_key_is_taken_from_googles_header(deployment: Deployment) -> None:
    import hashlib

    keyed = deployment.replace(api_keys={hashlib.sha256(b"k").hexdigest(): "ada"})
    assert keyed.client.get("/v1beta/models", headers=KEY).status_code == 200
    wrong = keyed.client.get("/v1beta/models", headers={"x-goog-api-key": "no"})
    assert (wrong.status_code, wrong.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert wrong.json["error"]["details"][0]["reason"] == "API_KEY_INVALID"
