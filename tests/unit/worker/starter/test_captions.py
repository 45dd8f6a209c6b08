"""Captions and instructions say what is true of their scenes, and no more than fits the text encoder."""

from __future__ import annotations

import random

import numpy as np
import pytest
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from worker.starter.captions import FACTS, Caption, caption
from worker.starter.config import PRESETS
from worker.starter.edits import Edit, instruction, sample_edit
from worker.starter.scene import Scene, render, sample_scene
from worker.starter.subjects import SUBJECTS
from worker.starter.tokenizer import END, PAD, START, tokenize, train_tokenizer


@pytest.fixture(scope="module")
def captioned() -> list[tuple[Scene, Caption]]:
    dice = random.Random(0)
    return [(scene, caption(scene, dice)) for scene in (sample_scene(dice) for _ in range(800))]


@pytest.fixture(scope="module")
def edited() -> list[tuple[Edit, Caption]]:
    dice = random.Random(0)
    return [(edit, instruction(edit, dice)) for edit in (sample_edit(dice) for _ in range(400))]


@pytest.fixture(scope="module")
def tokenizer() -> Qwen2Tokenizer:
    return train_tokenizer(PRESETS["cpu"].text.vocabulary, 1, captions=4_000)


def test_what_a_caption_says_is_true(captioned: list[tuple[Scene, Caption]]) -> None:
    for scene, said in captioned:
        first = scene.figures[0]
        facts = said.facts
        assert tuple(facts) == FACTS
        assert facts["kind"] == "generate"
        assert facts["subject"] == first.subject
        assert facts["colour"] in ("", first.colour)
        assert facts["setting"] in ("", scene.setting)
        assert facts["light"] in ("", scene.light)
        assert facts["second"] == (scene.figures[1].subject if len(scene.figures) == 2 else "")


def test_the_subject_is_always_named(captioned: list[tuple[Scene, Caption]]) -> None:
    for scene, said in captioned:
        for figure in scene.figures:
            assert any(name in said.text.lower() for name in SUBJECTS[figure.subject].names), said.text


def test_captions_are_varied(captioned: list[tuple[Scene, Caption]]) -> None:
    assert len({said.text for _, said in captioned}) > 700


def test_an_edit_changes_one_thing_and_keeps_the_rest(edited: list[tuple[Edit, Caption]]) -> None:
    for edit, said in edited:
        before, after = edit.before, edit.after
        assert said.facts["kind"] == edit.kind
        assert before.seed == after.seed
        changed = {
            "light": before.light != after.light,
            "setting": before.setting != after.setting,
            "figures": before.figures != after.figures,
        }
        assert sum(changed.values()) == 1
        figures = [(o, n) for o, n in zip(before.figures, after.figures, strict=True) if o != n]
        assert len(figures) == (1 if changed["figures"] else 0)


def test_what_an_instruction_says_is_true_afterwards(edited: list[tuple[Edit, Caption]]) -> None:
    for edit, said in edited:
        new = edit.after.figures[edit.target]
        if edit.kind == "recolour":
            assert said.facts["colour"] == new.colour
        elif edit.kind == "replace":
            assert said.facts["second"] == new.subject
            assert said.facts["second_colour"] in ("", new.colour)
        elif edit.kind == "relight":
            assert said.facts["light"] == edit.after.light
        else:
            assert said.facts["setting"] == edit.after.setting


def test_an_edited_picture_differs_where_the_figure_is_and_only_there(
    edited: list[tuple[Edit, Caption]],
) -> None:
    for edit in [e for e, _ in edited if e.kind == "recolour" and len(e.before.figures) == 2][:10]:
        one, other = render(edit.before, 64, 64), render(edit.after, 64, 64)
        columns = np.any(one != other, axis=(0, 2))
        half = slice(40, 64) if edit.target == 0 else slice(0, 24)
        assert columns.any()
        assert not columns[half].any()


def test_every_caption_fits_the_text_encoder(
    captioned: list[tuple[Scene, Caption]], edited: list[tuple[Edit, Caption]], tokenizer: Qwen2Tokenizer
) -> None:
    longest = PRESETS["cpu"].text.max_tokens
    texts = [said.text for _, said in [*captioned, *edited] if not said.text.isupper()]
    lengths = [len(ids) + 2 for ids in tokenizer(texts)["input_ids"]]
    assert max(lengths) <= longest


def test_any_text_can_be_written_with_the_tokenizer(tokenizer: Qwen2Tokenizer) -> None:
    for text in ("a red boat", "Größe 7 🚀", "\u05e9\u05dc\u05d5\u05dd", "a\nb"):
        ids = tokenizer(text)["input_ids"]
        assert tokenizer.decode(ids) == text


def test_a_prompt_is_wrapped_in_the_chat_template_and_padded_on_the_right(
    tokenizer: Qwen2Tokenizer,
) -> None:
    tokens = tokenize(tokenizer, ["a red boat", ""], 12)
    texts = [tokenizer.convert_ids_to_tokens(row) for row in tokens["input_ids"].tolist()]
    assert texts[0] == [START, "a", "Ġred", "Ġboat", END, *[PAD] * 7]
    assert texts[1] == [START, END, *[PAD] * 10]
    assert tokens["attention_mask"].sum(dim=1).tolist() == [5, 2]
