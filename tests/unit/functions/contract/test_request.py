"""What a caller may ask for, rule by rule."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.contract.formats import CONTENT_TYPES, EXTENSIONS, Format
from functions.contract.prompts import MAX_PROMPT
from functions.contract.request import MAX_WORDING, JobRequest
from functions.contract.validation.messages import explain_fault, field_of

GENERATE = {"task": "generate", "prompt": "a red boat"}
IMAGE = {"uri": "gs://uploads/a.png"}
EDIT = {"task": "edit", "prompt": "make the boat blue", "images": [IMAGE]}
UPSCALE = {"task": "upscale", "images": [IMAGE], "size": "4K"}
BOX = {"box": [0.1, 0.1, 0.5, 0.5]}
SEQUENCE = {"task": "sequence", "prompts": ["a red cat at home", "the same cat in the snow"]}
ANIMATE = {"task": "animate", "prompt": "the boat rocks"}
OUTPAINT = {"task": "outpaint", "images": [IMAGE], "aspect_ratio": "16:9"}
SUGGEST = {"task": "suggest", "images": [IMAGE]}
VERIFY = {"task": "verify", "images": [IMAGE]}


def read(**fields: Any) -> JobRequest:
    return JobRequest.model_validate_json(json.dumps(fields))


def refusal(text: str | bytes) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        JobRequest.model_validate_json(text)
    return refused.value


def test_a_prompt_is_enough() -> None:
    request = read(**GENERATE)
    assert (request.count, request.format, request.bit_depth) == (1, "png", 8)
    assert (request.priority, request.deadline_seconds, request.dry_run) == ("normal", 3_600, False)
    assert request.images == ()
    assert request.labels == {}


def test_everything_that_can_be_asked_for_survives_the_wire() -> None:
    request = read(
        **EDIT,
        negative_prompt="fog",
        region={"polygon": [[0, 0], [1, 0], [0.5, 1]]},
        count=8,
        size="2K",
        aspect_ratio="21:9",
        seed=2**32 - 1,
        steps=4,
        guidance=3.5,
        strength=1.0,
        format="png",
        bit_depth=16,
        correction={"attempts": 8, "threshold": 1},
        model="flux.2-klein",
        webhook={"url": "https://example.com/hook", "events": ["job.succeeded"]},
        labels={"team": "sea", "empty": ""},
        priority="low",
        deadline_seconds=86_400,
        dry_run=True,
    )
    assert JobRequest.model_validate_json(request.model_dump_json(exclude_none=True)) == request


@pytest.mark.parametrize(
    "fields",
    [
        EDIT | {"mask": IMAGE},
        EDIT | {"region": BOX},
        EDIT | {"images": [IMAGE] * 16},
        GENERATE | {"images": [IMAGE] * 16, "count": 10},
        EDIT | {"images": [{"uri": "gs://uploads/a.png", "generation": 17}]},
        EDIT | {"images": [{"upload": "up_" + "a" * 26}]},
        EDIT | {"images": [{"data": "aGk="}]},
        UPSCALE,
        UPSCALE | {"aspect_ratio": "16:9"},
        EDIT | {"region_prompt": "the boat"},
        EDIT | {"visible_mark": True},
        UPSCALE | {"visible_mark": True},
        SEQUENCE,
        SEQUENCE | {"prompts": ["a cat"] * 10, "prompt": "a red cat with a hat", "images": [IMAGE] * 16},
        OUTPAINT,
        OUTPAINT | {"prompt": "a wide beach", "count": 4, "size": "2K"},
        SUGGEST,
        SUGGEST | {"region": BOX},
        SUGGEST | {"mask": IMAGE},
        SUGGEST | {"region_prompt": "the boat", "model": "mock"},
        VERIFY,
        VERIFY | {"labels": {"team": "sea"}, "webhook": {"url": "https://example.com"}, "priority": "low"},
        VERIFY
        | {"count": 1, "format": "png", "prompts": [], "correction": {"attempts": 2, "threshold": 0.6}},
        GENERATE | {"images": [IMAGE]},
        GENERATE | {"width": 1008, "height": 720},
        EDIT | {"width": 64, "height": 512},
        SEQUENCE | {"width": 4096, "height": 4096},
        OUTPAINT | {"aspect_ratio": None, "width": 4096, "height": 512},
        UPSCALE | {"size": None, "width": 2048, "height": 2048},
        GENERATE | {"aspect_ratio": "8:1", "size": "4K"},
        GENERATE | {"prompt": "x" * MAX_PROMPT},
        GENERATE | {"prompt": "x" * MAX_PROMPT, "negative_prompt": "x" * MAX_PROMPT},
        SEQUENCE | {"prompts": ["x" * MAX_PROMPT] * (MAX_WORDING // MAX_PROMPT)},
        GENERATE | {"prompt": "two\nlines\tand a tab"},
        GENERATE | {"prompt": "🚣"},
        GENERATE | {"prompt": "\u200bزورق احمر\u200d"},
        GENERATE | {"format": "avif"},
        GENERATE | {"format": "jpeg", "quality": 1},
        UPSCALE | {"format": "webp", "quality": 100},
    ],
)
def test_it_is_taken(fields: dict[str, Any]) -> None:
    read(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "task: is missing"),
        ({"task": "generate"}, "generate needs a prompt"),
        ({"task": "edit", "images": [IMAGE]}, "edit needs a prompt"),
        ({"task": "edit", "prompt": "blue"}, "edit needs the picture"),
        ({"task": "paint", "prompt": "blue"}, "task: must be generate, edit"),
        (UPSCALE | {"images": [IMAGE, IMAGE]}, "exactly one image"),
        ({"task": "upscale", "images": [IMAGE]}, "needs a size"),
        (UPSCALE | {"prompt": "sharper"}, "upscale takes no prompt"),
        (UPSCALE | {"negative_prompt": "blur"}, "upscale takes no negative_prompt"),
        (UPSCALE | {"count": 2}, "upscale takes no count"),
        (UPSCALE | {"steps": 4, "guidance": 0}, "upscale takes no steps and no guidance"),
        (UPSCALE | {"correction": {"attempts": 3}}, "upscale takes no correction"),
        (GENERATE | {"mask": IMAGE}, "generate takes no mask"),
        (GENERATE | {"region": BOX}, "generate takes no region"),
        (GENERATE | {"region_prompt": "the boat"}, "generate takes no region_prompt"),
        (GENERATE | {"strength": 0.5}, "generate takes no strength"),
        (GENERATE | {"prompts": ["a", "b"]}, "generate takes no prompts"),
        (UPSCALE | {"mask": IMAGE}, "upscale takes no mask"),
        (EDIT | {"mask": IMAGE, "region": BOX}, "only one of mask, region and region_prompt"),
        (EDIT | {"mask": IMAGE, "region_prompt": "the boat"}, "only one of mask, region and region_prompt"),
        (
            SUGGEST | {"region": BOX, "region_prompt": "the boat"},
            "only one of mask, region and region_prompt",
        ),
        (EDIT | {"region_prompt": " \u200b"}, "region_prompt: must say something"),
        (EDIT | {"region_prompt": "x" * 201}, "at most 200 characters"),
        ({"task": "sequence", "prompt": "a cat"}, "2 to 10 prompts"),
        (SEQUENCE | {"prompts": ["a cat"]}, "2 to 10 prompts"),
        (SEQUENCE | {"prompts": ["a cat"] * 11}, "prompts: may have at most 10 entries"),
        (SEQUENCE | {"prompts": ["a cat", ""]}, r"prompts\[1\]: must say something"),
        (SEQUENCE | {"count": 2}, "sequence takes no count"),
        (SEQUENCE | {"mask": IMAGE}, "sequence takes no mask"),
        (SEQUENCE | {"strength": 0.5}, "sequence takes no strength"),
        (OUTPAINT | {"images": []}, "outpaint needs exactly one image"),
        (OUTPAINT | {"images": [IMAGE, IMAGE]}, "outpaint needs exactly one image"),
        (OUTPAINT | {"aspect_ratio": None}, "outpaint needs the aspect_ratio"),
        (OUTPAINT | {"region": BOX}, "outpaint takes no region"),
        (OUTPAINT | {"strength": 0.5}, "outpaint takes no strength"),
        (SUGGEST | {"images": []}, "suggest needs exactly one image"),
        (SUGGEST | {"prompt": "what now"}, "suggest takes no prompt"),
        (SUGGEST | {"size": "1K"}, "suggest takes no size"),
        (SUGGEST | {"format": "jpeg"}, "suggest takes no format"),
        (SUGGEST | {"visible_mark": True}, "suggest takes no visible_mark"),
        (VERIFY | {"images": [IMAGE, IMAGE]}, "verify needs exactly one image"),
        (VERIFY | {"prompt": "is it ours"}, "verify takes no prompt"),
        (VERIFY | {"visible_mark": True}, "verify takes no visible_mark"),
        (VERIFY | {"seed": 0}, "verify takes no seed"),
        (VERIFY | {"model": "mock"}, "verify takes no model"),
        ({"task": "animate", "images": [IMAGE]}, "animate needs a prompt"),
        (ANIMATE | {"images": [IMAGE, IMAGE]}, "animate takes one image at most"),
        (ANIMATE | {"seconds": 1}, "seconds"),
        (ANIMATE | {"seconds": 9}, "seconds"),
        (ANIMATE | {"fps": 25}, "fps"),
        (ANIMATE | {"fps": 24.0}, "must be a whole number"),
        (ANIMATE | {"format": "png"}, "animate makes mp4 or webp"),
        (ANIMATE | {"count": 2}, "animate takes no count"),
        (ANIMATE | {"quality": 80}, "animate takes no quality"),
        (GENERATE | {"format": "mp4"}, "every other task png, jpeg, webp or avif"),
        (GENERATE | {"seconds": 4}, "generate takes no seconds"),
        (GENERATE | {"bit_depth": 16, "format": "jpeg"}, "16 bit needs png"),
        (GENERATE | {"bit_depth": 12}, "bit_depth"),
        (GENERATE | {"quality": 80}, "png has no quality"),
        (GENERATE | {"format": "jpeg", "quality": 0}, "quality: must be at least 1"),
        (GENERATE | {"format": "jpeg", "quality": 101}, "quality: must be at most 100"),
        (GENERATE | {"format": "jpeg", "quality": 80.0}, "quality"),
        (SUGGEST | {"quality": 80}, "suggest takes no quality"),
        (VERIFY | {"quality": 80}, "verify takes no quality"),
        (GENERATE | {"format": "gif"}, "format"),
        (GENERATE | {"prompt": ""}, "prompt: must say something"),
        (GENERATE | {"prompt": " \n\t\u3000"}, "prompt: must say something"),
        (GENERATE | {"prompt": "\u200b\u200d\ufeff"}, "prompt: must say something"),
        (GENERATE | {"prompt": "a\x00b"}, "control characters"),
        (GENERATE | {"prompt": "a\x1b[31mb"}, "control characters"),
        (GENERATE | {"prompt": "x" * (MAX_PROMPT + 1)}, "at most 32000 characters"),
        (GENERATE | {"prompt": "x" * 100_000}, "at most 32000 characters"),
        (GENERATE | {"negative_prompt": "x" * (MAX_PROMPT + 1)}, "at most 32000 characters"),
        (
            SEQUENCE | {"prompts": ["x" * MAX_PROMPT] * (MAX_WORDING // MAX_PROMPT), "prompt": "x"},
            "together may have at most 96000 characters",
        ),
        (GENERATE | {"prompt": 5}, "prompt: must be a text"),
        (GENERATE | {"colour": "red"}, "colour: there is no such field"),
        (GENERATE | {"correction": {"budget": 1}}, "correction.budget"),
        (GENERATE | {"count": 0}, "count"),
        (GENERATE | {"count": 11}, "count: must be at most 10"),
        (GENERATE | {"count": 1.5}, "count"),
        (GENERATE | {"count": 10**4000}, "count"),
        (GENERATE | {"seed": -1}, "seed"),
        (GENERATE | {"seed": 2**32}, "seed"),
        (GENERATE | {"steps": 0}, "steps"),
        (GENERATE | {"steps": 101}, "steps"),
        (GENERATE | {"guidance": -0.1}, "guidance"),
        (GENERATE | {"guidance": 31}, "guidance"),
        (EDIT | {"strength": 0}, "strength"),
        (EDIT | {"strength": 1e-9}, "strength"),
        (EDIT | {"strength": 1.01}, "strength"),
        (GENERATE | {"size": "8K"}, "size"),
        (GENERATE | {"width": 512}, "both width and height"),
        (GENERATE | {"height": 512}, "both width and height"),
        (GENERATE | {"width": 512, "height": 512, "size": "1K"}, "not both"),
        (GENERATE | {"width": 512, "height": 512, "aspect_ratio": "1:1"}, "not both"),
        (UPSCALE | {"width": 512, "height": 512}, "not both"),
        (GENERATE | {"width": 16, "height": 64}, "width: must be at least 64"),
        (GENERATE | {"width": 512, "height": 4112}, "height: must be at most 4096"),
        (GENERATE | {"width": 1000, "height": 512}, "width: must be a multiple of 16"),
        (GENERATE | {"width": 512.0, "height": 512}, "width"),
        (GENERATE | {"width": "512", "height": 512}, "width"),
        (SUGGEST | {"width": 512, "height": 512}, "suggest takes no width and no height"),
        (VERIFY | {"width": 512, "height": 512}, "verify takes no width and no height"),
        (GENERATE | {"size": 512}, "size"),
        (GENERATE | {"size": "513x7"}, "size"),
        (GENERATE | {"aspect_ratio": "1:100"}, "aspect_ratio"),
        (GENERATE | {"correction": {"attempts": 0}}, "correction.attempts"),
        (GENERATE | {"correction": {"attempts": 9}}, "correction.attempts"),
        (GENERATE | {"correction": {"threshold": 1.1}}, "correction.threshold"),
        (GENERATE | {"model": "../weights"}, "model"),
        (GENERATE | {"model": "Starter"}, "model"),
        (GENERATE | {"webhook": {"url": "ftp://example.com"}}, "webhook.url"),
        (GENERATE | {"webhook": {"url": "https://example.com/a b"}}, "webhook.url"),
        (GENERATE | {"webhook": {"url": "https://example.com\n"}}, "webhook.url"),
        (GENERATE | {"webhook": {"url": "https://e.com/" + "a" * 2_000}}, "webhook.url"),
        (GENERATE | {"webhook": {"url": "https://e.com", "events": ["job.started"]}}, "webhook.events"),
        (GENERATE | {"labels": {"Team": "sea"}}, "labels"),
        (GENERATE | {"labels": {"team\n": "sea"}}, "labels"),
        (GENERATE | {"labels": {"team": "a\nb"}}, "labels"),
        (GENERATE | {"labels": {"team": "x" * 64}}, "labels"),
        (GENERATE | {"labels": {f"k{n}": "" for n in range(17)}}, "labels"),
        (GENERATE | {"priority": "high"}, "priority"),
        (GENERATE | {"deadline_seconds": 0}, "deadline_seconds"),
        (GENERATE | {"deadline_seconds": 86_401}, "deadline_seconds"),
        (EDIT | {"images": [IMAGE] * 17}, "images: may have at most 16 entries"),
        (EDIT | {"images": [{}]}, "exactly one of uri, upload and data"),
        (EDIT | {"images": [{"uri": "gs://b/a", "data": "aGk="}]}, "exactly one of"),
        (EDIT | {"images": [{"data": "aGk=", "generation": 1}]}, "generation belongs to a uri"),
        (EDIT | {"images": [{"uri": "gs://b/a", "generation": 0}]}, "generation"),
        (EDIT | {"images": [{"uri": "gs://b/a", "generation": 2**63}]}, "generation"),
        (EDIT | {"images": [{"uri": "https://b/a"}]}, r"images\[0\].uri"),
        (EDIT | {"images": [{"uri": "file:///etc/passwd"}]}, r"images\[0\].uri"),
        (EDIT | {"images": [{"uri": "gs://b"}]}, r"images\[0\].uri"),
        (EDIT | {"images": [{"uri": "gs://b/a\nc"}]}, r"images\[0\].uri"),
        (EDIT | {"images": [{"upload": "up_../../x"}]}, r"images\[0\].upload"),
        (EDIT | {"images": [{"upload": "up_" + "a" * 26 + "\n"}]}, r"images\[0\].upload"),
        (EDIT | {"region": {}}, "either a box or a polygon"),
        (EDIT | {"region": BOX | {"polygon": [[0, 0], [1, 0], [0, 1]]}}, "either a box or a polygon"),
        (EDIT | {"region": {"box": [0.5, 0.1, 0.5, 0.5]}}, "left < right"),
        (EDIT | {"region": {"box": [0.1, 0.6, 0.5, 0.5]}}, "top < bottom"),
        (EDIT | {"region": {"box": [0, 0, 1.01, 1]}}, "region.box"),
        (EDIT | {"region": {"box": [0, 0, 1]}}, "region.box"),
        (EDIT | {"region": {"polygon": [[0, 0], [1, 1]]}}, "region.polygon"),
        (EDIT | {"region": {"polygon": [[0, 0]] * 201}}, "region.polygon"),
        (EDIT | {"region": {"polygon": [[0.5, 0.5]] * 3}}, "must not lie on one line"),
        (EDIT | {"region": {"polygon": [[0.1, 0.2], [0.2, 0.4], [0.3, 0.6]]}}, "must not lie on one line"),
    ],
)
def test_it_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**fields)
    assert re.search(message, explain_fault(refused.value))


@pytest.mark.parametrize(
    ("fields", "pictures"),
    [(GENERATE, 1), (GENERATE | {"count": 3}, 3), (SEQUENCE, 2), (OUTPAINT, 1), (SUGGEST, 0), (VERIFY, 0)],
)
def test_a_request_says_how_many_pictures_it_comes_to(fields: dict[str, Any], pictures: int) -> None:
    assert read(**fields).picture_count == pictures


@pytest.mark.parametrize("fields", [GENERATE, EDIT, SEQUENCE, OUTPAINT, UPSCALE, SUGGEST, VERIFY])
def test_what_a_record_holds_of_a_request_is_a_request_again(fields: dict[str, Any]) -> None:
    request = read(**fields)
    assert JobRequest.model_validate_json(request.model_dump_json(exclude_none=True)) == request


def test_all_that_is_wished_for_is_one_text() -> None:
    assert read(**SEQUENCE, prompt="a red cat").wanted.splitlines() == ["a red cat", *SEQUENCE["prompts"]]
    assert read(**EDIT, region_prompt="the boat").wanted == "make the boat blue\nthe boat"
    assert read(**VERIFY).wanted == ""


def test_a_crossed_polygon_has_an_area() -> None:
    read(**EDIT, region={"polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("field", ["guidance", "seed", "count", "deadline_seconds", "strength"])
def test_numbers_are_finite(field: str, number: str) -> None:
    text = f'{{"task": "edit", "prompt": "a", "images": [{{"uri": "gs://b/a"}}], "{field}": {number}}}'
    assert field_of(refusal(text)) == field


@pytest.mark.parametrize("field", ["prompt", "negative_prompt", "model"])
@pytest.mark.parametrize("surrogate", ["\\ud800", "\\udfff", "\\ude00\\ud83d"])
def test_lone_surrogates_are_refused(field: str, surrogate: str) -> None:
    refusal(json.dumps(GENERATE | {field: "MARK"}).replace("MARK", surrogate))


def test_surrogates_are_refused_in_python_as_well() -> None:
    with pytest.raises(ValidationError) as refused:
        JobRequest.model_validate(GENERATE | {"prompt": "a\ud800"})
    assert explain_fault(refused.value).encode()


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '"generate"', "{" * 100_000, "[" * 100_000, b"\xff\xfe{}"]
)
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    refusal(text)


def test_deep_nesting_in_a_field_is_refused() -> None:
    refusal('{"task": "generate", "prompt": "a", "labels": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}")


def test_the_explanation_never_repeats_the_value() -> None:
    with pytest.raises(ValidationError) as refused:
        read(**EDIT | {"images": [{"uri": "https://secret.example/a"}]})
    assert "secret" not in explain_fault(refused.value)


def test_inline_pictures_stay_out_of_logs() -> None:
    assert "aGVsbG8=" not in repr(read(**EDIT | {"images": [{"data": "aGVsbG8="}]}))


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        setattr(read(**GENERATE), "prompt", "another")  # noqa: B010  # an assignment would not type-check


def test_every_format_has_a_content_type_and_an_extension() -> None:
    assert CONTENT_TYPES.keys() == EXTENSIONS.keys() == set(get_args(Format))


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_body_raises_anything_but_a_validation_error(body: bytes) -> None:
    refusal(body)


@given(st.text(max_size=50))
def test_a_prompt_is_refused_or_kept_as_it_is_but_for_the_ends(prompt: str) -> None:
    try:
        request = JobRequest(task="generate", prompt=prompt)
    except ValidationError:
        return
    assert request.prompt == prompt.strip()


def test_a_clip_is_an_mp4_of_four_seconds_unless_the_request_says_otherwise() -> None:
    usual = JobRequest.model_validate(ANIMATE)
    asked = JobRequest.model_validate(ANIMATE | {"format": "webp", "seconds": 2, "fps": 8})
    assert (usual.format, usual.frame_count, usual.picture_count) == ("mp4", 96, 1)
    assert (asked.format, asked.frame_count, asked.picture_format) == ("webp", 16, "jpeg")
    assert JobRequest.model_validate_json(usual.model_dump_json()) == usual


def test_no_other_task_has_frames() -> None:
    assert JobRequest.model_validate(GENERATE).frame_count == 0
