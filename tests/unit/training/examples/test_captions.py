"""Captions state what is true of their scenes, and fit the text encoder."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from training.examples.captions import CAPTION_FACTS, FACT_ANSWERS, Caption, sample_caption
from training.examples.edits import sample_edit
from training.examples.instructions import sample_instruction
from training.examples.references import sample_reference
from training.examples.wording import COLOUR_WORDS
from training.networks.config import PRESETS
from training.networks.tokenizer import END, PAD, START, tokenize_texts, train_tokenizer
from training.scenes.composition import RELATIONS, Figure, Scene
from training.scenes.scene_sampling import sample_scene
from training.scenes.subject_drawings.figurine import Character
from worker.scene_vocabulary.subjects import SUBJECTS

Captioned = list[tuple[Scene, Caption]]


@pytest.fixture(scope="module")
def captioned() -> Captioned:
    rng = random.Random(0)
    return [(scene, sample_caption(scene, rng)) for scene in (sample_scene(rng) for _ in range(1_500))]


@pytest.fixture(scope="module")
def in_held_out_words() -> Captioned:
    rng = random.Random(1)
    scenes = [sample_scene(rng, held_out=True) for _ in range(300)]
    return [(scene, sample_caption(scene, rng, phrasing="held_out")) for scene in scenes]


@pytest.fixture(scope="module")
def tokenizer() -> Qwen2Tokenizer:
    return train_tokenizer(replace(PRESETS["cpu"].text, tokenizer_captions=4_000), 1)


def true_facts(scene: Scene) -> dict[str, str]:
    """Returns the facts of a caption that states everything."""
    first = scene.figures[0]
    second = scene.figures[1] if len(scene.figures) == 2 else None
    return {
        "kind": "generate",
        "subject": first.subject,
        "colour": first.colour,
        "count": str(first.count),
        "size": first.size,
        "position": scene.position,
        "hair": first.character.hair if first.character else "",
        "outfit": first.character.outfit if first.character else "",
        "second": second.subject if second else "",
        "second_colour": second.colour if second else "",
        "relation": scene.relation,
        "setting": "" if scene.place else scene.setting,
        "light": scene.light,
        "place": scene.place,
        "style": scene.style,
        "season": scene.season,
        "weather": scene.weather,
        "word": scene.word,
    }


def test_what_a_caption_says_is_true(captioned: Captioned, in_held_out_words: Captioned) -> None:
    for scene, said in [*captioned, *in_held_out_words]:
        truth = true_facts(scene)
        assert tuple(said.facts) == CAPTION_FACTS
        assert all(told in FACT_ANSWERS[fact] for fact, told in said.facts.items())
        assert all(told in ("", truth[fact]) for fact, told in said.facts.items()), said


def test_what_makes_a_scene_special_is_always_said(
    captioned: Captioned, in_held_out_words: Captioned
) -> None:
    for scene, said in [*captioned, *in_held_out_words]:
        truth = true_facts(scene)
        for fact in ("subject", "count", "second", "relation", "place", "season", "word"):
            assert said.facts[fact] == truth[fact], said
        for fact, usual in (
            ("size", "normal"),
            ("position", "centre"),
            ("style", "flat"),
            ("weather", "clear"),
        ):
            assert said.facts[fact] == truth[fact] or truth[fact] == usual, said


def test_the_subject_and_its_colour_are_in_the_text(captioned: Captioned) -> None:
    for scene, said in captioned:
        text = said.text.lower()
        for figure in scene.figures:
            kind = SUBJECTS[figure.subject]
            names = kind.plural if figure.count > 1 else kind.names
            assert any(name in text for name in names), said
        if said.facts["colour"]:
            assert any(word in text for word in COLOUR_WORDS[said.facts["colour"]]), said


def test_captions_are_varied(captioned: Captioned) -> None:
    assert len({said.text for _, said in captioned}) > 1_400


def test_articles_fit() -> None:
    rng = random.Random(2)
    texts = [sample_caption(sample_scene(rng), rng).text.lower() for _ in range(2_000)]
    assert not [text for text in texts if re.search(r"\b(a [aeio]|an [^aeiou])", text)]
    assert not [text for text in texts if "  " in text]


def test_several_are_counted_in_the_plural() -> None:
    scene = Scene((Figure("butterfly", "blue", count=3),), "meadow", "day", 1)
    for number in range(20):
        said = sample_caption(scene, random.Random(number))
        assert re.search(r"(three|3) (\w+ )*butterflies", said.text.lower())
        assert said.facts["count"] == "3"


def test_a_figurine_is_described_by_hair_and_clothes() -> None:
    figurine = Figure("figurine", "blue", character=Character("red", "long", "dress"))
    scene = Scene((figurine,), "plain", "day", 1)
    texts = {sample_caption(scene, random.Random(number)).text.lower() for number in range(200)}
    assert any("with red hair in a blue dress" in text for text in texts)
    assert any("with long red hair in a blue dress" in text for text in texts)


@pytest.mark.parametrize("relation", RELATIONS)
def test_both_sides_of_a_relation_are_stated(relation: str) -> None:
    slots = RELATIONS[relation]
    scene = Scene((Figure("cat", "black", slots[0]), Figure("owl", "brown", slots[1])), "city", "day", 1)
    for number in range(30):
        said = sample_caption(scene, random.Random(number))
        assert (said.facts["subject"], said.facts["relation"], said.facts["second"]) == (
            "cat",
            relation,
            "owl",
        )


def test_held_out_phrasings_are_none_of_training(captioned: Captioned, in_held_out_words: Captioned) -> None:
    openings = {" ".join(said.text.lower().split()[:3]) for _, said in captioned}
    unseen = [said.text for _, said in in_held_out_words if " ".join(said.text.split()[:3]) not in openings]
    assert len(unseen) > 0.5 * len(in_held_out_words)
    told = {said.text.lower() for _, said in captioned}
    assert not told & {said.text for _, said in in_held_out_words}


def test_every_text_fits_the_text_encoder(tokenizer: Qwen2Tokenizer) -> None:
    rng = random.Random(3)
    texts = [sample_caption(sample_scene(rng), rng).text for _ in range(800)]
    texts += [sample_instruction(sample_edit(rng), rng).text for _ in range(400)]
    texts += [sample_reference(rng).prompt.text for _ in range(400)]
    lengths = sorted(len(ids) + 2 for ids in tokenizer(texts)["input_ids"])
    longest = PRESETS["cpu"].text.max_tokens
    assert lengths[round(0.98 * len(lengths))] <= longest


def test_any_text_can_be_written_with_the_tokenizer(tokenizer: Qwen2Tokenizer) -> None:
    for text in ("a red boat", "Größe 7 🚀", "\u05e9\u05dc\u05d5\u05dd", "a\nb"):
        ids = tokenizer(text)["input_ids"]
        assert tokenizer.decode(ids) == text


def test_a_prompt_is_wrapped_in_the_chat_template_and_padded_on_the_right(
    tokenizer: Qwen2Tokenizer,
) -> None:
    tokens = tokenize_texts(tokenizer, ["a red boat", ""], 12)
    texts = [tokenizer.convert_ids_to_tokens(row) for row in tokens["input_ids"].tolist()]
    assert texts[0] == [START, "a", "Ġred", "Ġboat", END, *[PAD] * 7]
    assert texts[1] == [START, END, *[PAD] * 10]
    assert tokens["attention_mask"].sum(dim=1).tolist() == [5, 2]
