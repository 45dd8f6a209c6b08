"""What is sent to the service through Google's own client, and what becomes of a picture that comes back."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import ModelUnavailable, UnsupportedTask
from tests.unit.worker.engines.gemini.drawing import KEY, PROMPT, build_brief, draw, engine, go_on
from tests.unit.worker.engines.gemini.service import Service, candidate, drawn, failed, flat, inline
from tests.unit.worker.stages.making import noise
from worker.engines.gemini.engine import DEFAULT_MODEL, GeminiEngine
from worker.engines.mock import MockEngine
from worker.engines.protocol import Encoded, Picture
from worker.pictures.decode import decode_picture
from worker.pictures.encode import encode_picture

pytestmark = pytest.mark.slow


def test_a_prompt_is_one_call_of_the_default_model(google: Service) -> None:
    draw(engine(google), build_brief(1360, 768), seed=7)
    (heard,) = google.heard
    assert heard.path == f"/v1beta/models/{DEFAULT_MODEL}:generateContent"
    assert heard.headers["x-goog-api-key"] == KEY
    assert heard.parts == [{"text": PROMPT}]
    assert heard.config["imageConfig"] == {"aspectRatio": "16:9", "imageSize": "1K"}
    assert heard.config["responseModalities"] == ["TEXT", "IMAGE"]
    assert heard.config["seed"] == 7
    assert "safetySettings" not in heard.body
    assert "thinkingConfig" not in heard.config


def test_the_picture_has_the_native_size_whatever_the_model_made_of_it(google: Service) -> None:
    made = engine(google)
    assert made.native_size(1360, 768) == (1360, 768)
    google.script = [drawn(flat(1376, 784, google.colour))]
    picture = draw(made, build_brief(1360, 768))
    assert (picture.shape, picture.dtype) == ((768, 1360, 3), np.float32)
    assert np.allclose(picture, google.colour, atol=1 / 255)


def test_a_model_that_draws_less_than_it_says_is_left_to_the_upscaler(google: Service) -> None:
    google.script = [drawn(flat(500, 400, google.colour))]
    assert draw(engine(google), build_brief(1024, 1024)).shape == (400, 400, 3)


def test_each_seed_is_its_own_call_and_fits_the_api(google: Service) -> None:
    made = engine(google)
    encoded = made.encode(build_brief())
    for seed in (1, 2, 2**32 - 1):
        made.diffuse(encoded, seed, go_on)
    assert [heard.config["seed"] for heard in google.heard] == [1, 2, 2**31 - 1]


def test_a_model_that_takes_no_seed_is_sent_none(google: Service) -> None:
    draw(engine(google, takes_seed=False))
    assert "seed" not in google.heard[0].config


def test_a_model_that_takes_no_size_is_sent_none(google: Service) -> None:
    draw(engine(google, image_sizes=[]), build_brief(2048, 2048))
    assert google.heard[0].config["imageConfig"] == {"aspectRatio": "1:1"}


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"thinking_level": "high"}, {"thinkingLevel": "HIGH"}),
        ({"thinking_level": "minimal"}, {"thinkingLevel": "MINIMAL"}),
        ({"thinking_budget": 0}, {"thinkingBudget": 0}),
        ({"thinking_budget": -1}, {"thinkingBudget": -1}),
    ],
)
def test_thinking_is_a_level_or_a_budget(google: Service, options: dict[str, Any], sent: Any) -> None:
    draw(engine(google, **options))
    assert google.heard[0].config["thinkingConfig"] == sent


def test_safety_settings_are_sent_as_they_are_configured(google: Service) -> None:
    draw(engine(google, safety={"HARM_CATEGORY_HARASSMENT": "BLOCK_ONLY_HIGH"}))
    assert google.heard[0].body["safetySettings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}
    ]


def test_what_must_not_be_seen_is_said_in_words(google: Service) -> None:
    draw(engine(google), build_brief(negative_prompt="people"))
    assert google.heard[0].words.startswith(PROMPT)
    assert google.heard[0].words.endswith("must not show: people")


def test_the_picture_to_change_is_sent_without_loss_and_references_as_jpeg(google: Service) -> None:
    first, second = noise(64, 64), noise(100, 50)
    draw(engine(google), build_brief(images=(first, second)))
    heard = google.heard[0]
    assert [part["inlineData"]["mimeType"] for part in heard.parts[1:]] == ["image/png", "image/jpeg"]
    sent = [decode_picture(data).rgb for data in heard.pictures]
    assert sent[0] == pytest.approx(first, abs=0.5 / 255 + 1e-6)
    assert sent[1].shape == second.shape


def test_large_pictures_are_sent_smaller(google: Service) -> None:
    draw(engine(google), build_brief(3000, 3000, images=(noise(3000, 3000), noise(2000, 1000))))
    changed, reference = (decode_picture(data).rgb for data in google.heard[0].pictures)
    assert changed.shape == (2048, 2048, 3)
    assert reference.shape[0] * reference.shape[1] <= 1024**2 * 1.01
    assert sum(map(len, google.heard[0].pictures)) < 14_000_000


def test_a_picture_of_a_shape_of_its_own_is_framed_and_comes_back_in_its_shape(google: Service) -> None:
    picture = draw(engine(google), build_brief(1000, 400, images=(noise(1000, 400),)))
    (sent,) = (decode_picture(data).rgb for data in google.heard[0].pictures)
    assert google.heard[0].config["imageConfig"]["aspectRatio"] == "21:9"
    assert sent.shape[1] / sent.shape[0] == pytest.approx(21 / 9, rel=0.01)
    assert picture.shape[1] / picture.shape[0] == pytest.approx(1000 / 400, rel=0.01)


def test_a_mask_goes_along_as_the_last_picture(google: Service) -> None:
    mask = np.zeros((64, 64), np.float32)
    mask[:, 32:] = 1
    draw(engine(google), build_brief(images=(noise(64, 64), noise(8, 8)), mask=mask))
    heard = google.heard[0]
    assert "last picture is a mask" in heard.words
    sent = decode_picture(heard.pictures[-1]).rgb
    assert np.array_equal(sent, np.repeat(mask[..., None], 3, axis=2))


def test_a_picture_that_is_to_be_continued_needs_no_prompt(google: Service) -> None:
    draw(engine(google), build_brief(prompt="", images=(noise(64, 64),), mask=np.ones((64, 64), np.float32)))
    assert google.heard[0].words.startswith("Continue the first picture")


@pytest.mark.parametrize("field", ["steps", "guidance", "strength"])
def test_what_the_api_has_no_word_for_is_refused(google: Service, field: str) -> None:
    with pytest.raises(UnsupportedTask, match=field):
        engine(google).encode(build_brief(**{field: 1}))


def test_too_many_pictures_are_refused_before_they_are_sent(google: Service) -> None:
    made = engine(google, max_images=2)
    made.encode(build_brief(images=(noise(8, 8),) * 2))
    with pytest.raises(UnsupportedTask, match="2 pictures at most, and these are 3"):
        made.encode(build_brief(images=(noise(8, 8),) * 2, mask=np.ones((8, 8), np.float32)))


def test_of_several_pictures_the_last_is_the_one(google: Service) -> None:
    google.script = [drawn(flat(64, 64, (1, 0, 0)), flat(64, 64, (0, 0, 1)))]
    assert np.array_equal(draw(engine(google))[0, 0], [0, 0, 1])


def test_a_thought_is_no_picture(google: Service) -> None:
    thought = inline(encode_picture(flat(64, 64, (1, 0, 0)), "png"), thought=True)
    final = inline(encode_picture(flat(64, 64, (0, 1, 0)), "png"), thoughtSignature="c2lnbmVk")
    google.script = [candidate({"text": "Let me see.", "thought": True}, final, thought, {"text": "Here."})]
    assert np.array_equal(draw(engine(google))[0, 0], [0, 1, 0])


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_whatever_it_is_encoded_in_is_decoded(google: Service, format: str) -> None:
    data = encode_picture(flat(64, 64, (0.5, 0.5, 0.5)), format)
    google.script = [candidate(inline(data, f"image/{format}"))]
    assert draw(engine(google)) == pytest.approx(np.full((64, 64, 3), 0.5), abs=0.02)


def test_steps_are_told_and_there_is_a_small_preview(google: Service) -> None:
    steps: list[tuple[int, int]] = []
    seen: list[Picture] = []

    def on_step(step: int, of: int, preview: Any) -> None:
        steps.append((step, of))
        if preview is not None:
            seen.append(preview())

    draw(engine(google), build_brief(640, 320), on_step=on_step)
    assert (steps[0], steps[-1]) == ((0, 1), (1, 1))
    assert [picture.shape for picture in seen] == [(64, 128, 3)]


def test_nothing_that_costs_is_called_before_there_is_a_job(google: Service) -> None:
    made = engine(google)
    made.warm_up()
    made.encode(build_brief())
    (asked,) = google.heard
    assert asked.path.endswith(f"{made.model}:countTokens")
    assert made.estimate_bytes(1024, 1024, 1) < made.estimate_bytes(1024, 1024, 4)


def test_a_model_that_is_retired_is_known_at_the_start(google: Service) -> None:
    google.count_answer = failed(404, "NOT_FOUND")
    with pytest.raises(ModelUnavailable, match="retired"):
        engine(google).warm_up()


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_service_that_does_not_count_is_asked_to_draw_all_the_same(google: Service, status: int) -> None:
    google.count_answer = failed(status, "NO")
    made = engine(google)
    made.warm_up()
    assert draw(made).shape == (64, 64, 3)


def test_another_engines_brief_is_not_drawn(google: Service) -> None:
    foreign: Encoded = MockEngine().encode(build_brief())
    with pytest.raises(TypeError, match="another engine"):
        engine(google).diffuse(foreign, 1, go_on)


def test_the_key_may_be_in_a_file(google: Service, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    made = GeminiEngine(project="demo", key=str(file), url=google.url)
    draw(made)
    assert google.heard[0].headers["x-goog-api-key"] == KEY
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        GeminiEngine(project="demo", key=f"{file}.old").load()


def test_neither_the_key_nor_the_prompt_is_logged(
    google: Service, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    draw(engine(google))
    lines = [
        json.dumps(record.__dict__, default=str) for record in caplog.records if record.name == "plantain"
    ]
    written = "\n".join([*lines, capsys.readouterr().err, caplog.text])
    assert "gemini.answered" in written
    assert KEY not in written
    assert PROMPT not in written
